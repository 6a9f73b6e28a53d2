//! A study in memory, and its exports read back.

use sillage_domain::codebook::Codebook;
use sillage_domain::testing::MemoryStore;
use sillage_domain::testing::fixtures::{entry, send, study};
use sillage_domain::{LogFilter, NewEntry, ParticipantNumber, Payload, Ports, Pseudonym, Study};
use sillage_export::{Export, Profile, Reading, Shape};
use std::sync::Arc;

pub(crate) struct Archive {
    pub(crate) ports: Ports,
    pub(crate) study: Study,
}

impl Archive {
    pub(crate) fn new() -> Self {
        let ports = Ports::of(Arc::new(MemoryStore::default()));
        let study = study(&ports, "tsadk");
        Self { ports, study }
    }

    /// With one entry for each payload.
    pub(crate) fn of_payloads(payloads: &[&str]) -> Self {
        let archive = Self::new();
        let entries: Vec<_> = payloads
            .iter()
            .enumerate()
            .map(|(n, payload)| archive.entry(n as i64, "click", Some(payload)))
            .collect();
        send(&archive.ports, &entries);
        archive
    }

    pub(crate) fn entry(&self, n: i64, action: &str, payload: Option<&str>) -> NewEntry {
        let mut entry = entry(&self.study, n);
        entry.content.action = action.parse().unwrap();
        entry.content.payload = payload.map(Payload::from_checked);
        entry
    }

    pub(crate) fn export<'a>(&'a self, filter: &'a LogFilter, shape: Shape<'a>) -> Export<'a> {
        Export {
            logs: &*self.ports.logs,
            study: self.study.id,
            filter,
            shape,
            reading: Reading::default(),
        }
    }

    pub(crate) fn text(&self, shape: Shape<'_>) -> String {
        let mut file = Vec::new();
        let written = self
            .export(&LogFilter::default(), shape)
            .write(&mut file)
            .unwrap();
        assert!(written.complete);
        String::from_utf8(file).unwrap()
    }

    pub(crate) fn csv(&self, profile: Profile) -> String {
        self.text(Shape::Csv(profile))
    }

    pub(crate) fn flat(&self, profile: Profile) -> String {
        self.flat_by(None, profile)
    }

    pub(crate) fn flat_by(&self, codebook: Option<&Codebook>, profile: Profile) -> String {
        self.text(Shape::FlatCsv {
            profile,
            number_of: &number_of,
            codebook,
        })
    }
}

/// Every player is the third of his study.
fn number_of(_: Pseudonym) -> Option<ParticipantNumber> {
    Some(ParticipantNumber(3))
}

/// All rows, the header first.
pub(crate) fn rows(csv: &str) -> Vec<Vec<String>> {
    csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(csv.as_bytes())
        .into_deserialize()
        .map(|row| row.unwrap())
        .collect()
}

/// The column of that name, without its header.
pub(crate) fn column(csv: &str, name: &str) -> Vec<String> {
    let rows = rows(csv);
    let place = rows[0].iter().position(|header| header == name).unwrap();
    rows[1..].iter().map(|row| row[place].clone()).collect()
}
