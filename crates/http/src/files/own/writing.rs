//! One JSON document, written as it is read.

use super::super::pipe::Inlet;
use super::{OwnFile, walk};
use crate::api::Inner;
use crate::identity::KnownStudy;
use crate::views::amendment::AmendmentView;
use crate::views::consent::ConsentView;
use crate::views::log::LogView;
use crate::views::own_data::{OwnBurial, OwnNotice};
use crate::views::quarantine::QuarantineView;
use crate::views::rights::DisputeView;
use serde::Serialize;
use sillage_auth::Reach;
use sillage_domain::{
    EntryStatus, LogFilter, LogNumber, PageRequest, Payload, QuarantineFilter, StoredEntry,
};
use sillage_export::{CHUNK, ExportError};
use std::collections::{BTreeSet, HashSet};
use std::num::{NonZeroU32, NonZeroU64};
use std::ops::ControlFlow;

/// How many entries, or texts, are in memory at a time, and of how many bytes about.
const BATCH: u32 = 200;
const BATCH_BYTES: usize = 1 << 20;
const AMENDMENTS: NonZeroU32 = NonZeroU32::new(100).unwrap();

/// Whether the client took all of it.
pub(super) fn json(
    file: &OwnFile,
    inner: &Inner,
    plays: Option<(&KnownStudy, LogFilter)>,
    to: &mut Inlet,
) -> Result<bool, ExportError> {
    let mut out = Out {
        buffer: file.head.clone(),
        to,
        gone: false,
    };
    if let Some((known, filter)) = plays {
        let document = Document { file, inner, known };
        document.entries(&filter, &mut out)?;
        document.quarantine(&filter, &mut out)?;
        document.consents(&mut out)?;
    }
    out.buffer.push(b'}');
    out.hand_over();
    Ok(!out.gone)
}

/// What is written, on its way to the client.
struct Out<'a> {
    buffer: Vec<u8>,
    to: &'a mut Inlet,
    /// Whether the client takes no more.
    gone: bool,
}

impl Out<'_> {
    /// A member of the object that is open.
    fn member(&mut self, name: &str, value: &impl Serialize) -> Result<(), ExportError> {
        self.begin(name);
        self.value(value)
    }

    fn begin(&mut self, name: &str) {
        self.buffer.extend_from_slice(b",\"");
        self.buffer.extend_from_slice(name.as_bytes());
        self.buffer.extend_from_slice(b"\":");
    }

    fn value(&mut self, value: &impl Serialize) -> Result<(), ExportError> {
        serde_json::to_writer(&mut self.buffer, value)
            .map_err(|error| ExportError::Write(error.into()))
    }

    /// A value of an array, which may be its first.
    fn item(&mut self, value: &impl Serialize) -> Result<(), ExportError> {
        if self.buffer.last() != Some(&b'[') {
            self.buffer.push(b',');
        }
        self.value(value)
    }

    /// Hands over what there is, if it is enough; breaks where the client is gone. Between two items only: the last byte stays, by
    /// which an item knows whether it is the first.
    fn pass(&mut self) -> ControlFlow<()> {
        if self.buffer.len() >= CHUNK
            && let Some(last) = self.buffer.pop()
        {
            self.hand_over();
            self.buffer.push(last);
        }
        if self.gone {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    }

    fn hand_over(&mut self) {
        let chunk = std::mem::take(&mut self.buffer);
        self.gone = self.gone || self.to.put(chunk).is_break();
    }
}

/// What somebody who plays has sent.
struct Document<'a> {
    file: &'a OwnFile,
    inner: &'a Inner,
    known: &'a KnownStudy,
}

impl Document<'_> {
    fn entries(&self, filter: &LogFilter, out: &mut Out<'_>) -> Result<(), ExportError> {
        out.begin("entries");
        out.buffer.push(b'[');
        let (mut batch, mut bytes, mut failure) = (Vec::new(), 0, None);
        let mut each = |entry: StoredEntry| {
            bytes += entry
                .payload
                .as_ref()
                .map_or(0, |p: &Payload| p.as_str().len());
            batch.push(entry);
            if (batch.len() as u64) < u64::from(BATCH) && bytes < BATCH_BYTES {
                return ControlFlow::Continue(());
            }
            bytes = 0;
            match self.put(&mut batch, out) {
                Ok(flow) => flow,
                Err(error) => {
                    failure = Some(error);
                    ControlFlow::Break(())
                }
            }
        };
        let logs = &self.inner.ports.logs;
        logs.scan(self.known.study.id, filter, &mut each)?;
        if let Some(error) = failure {
            return Err(error);
        }
        if self.put(&mut batch, out)?.is_continue() {
            out.buffer.push(b']');
        }
        Ok(())
    }

    /// The entries as they were sent, with what was done to them since.
    fn put(
        &self,
        batch: &mut Vec<StoredEntry>,
        out: &mut Out<'_>,
    ) -> Result<ControlFlow<()>, ExportError> {
        let ports = &self.inner.ports;
        let numbers: Vec<_> = batch.iter().map(|entry| entry.number).collect();
        let amended = ports.amendments.amended(&numbers)?;
        let amended: HashSet<_> = amended.into_iter().map(|one| one.number).collect();
        ports.disputes.mark(batch)?;
        for entry in batch.drain(..) {
            out.item(&LogView::own(&self.file.root, &entry))?;
            out.buffer.pop();
            out.begin("amendments");
            out.buffer.push(b'[');
            if amended.contains(&entry.number) {
                self.amendments(entry.number, out)?;
            }
            out.buffer.push(b']');
            if entry.status == EntryStatus::Deleted
                && let Some(burial) = ports.tombstones.burial(entry.number)?
            {
                out.member("deletion", &OwnBurial::from(&burial))?;
            }
            if entry.disputed
                && let Some(dispute) = ports.disputes.dispute_of(entry.study, entry.number)?
            {
                out.member("dispute", &DisputeView::new(&self.file.root, &dispute))?;
            }
            out.buffer.push(b'}');
            if out.pass().is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    /// What was consented to, and the notices that this was decided on.
    fn consents(&self, out: &mut Out<'_>) -> Result<(), ExportError> {
        if out.gone {
            return Ok(());
        }
        let (ports, study) = (&self.inner.ports, self.known.study.id);
        let mut shown = BTreeSet::new();
        out.begin("consents");
        out.buffer.push(b'[');
        let told = walk::consents(self.inner, study, &self.file.code, &mut |event| {
            shown.extend(event.consent.notice.as_ref().map(|notice| notice.version));
            out.item(&ConsentView::new(&event.consent, event.recorded_at, None))?;
            Ok(out.pass())
        })?;
        if told.is_break() {
            return Ok(());
        }
        out.buffer.push(b']');
        out.begin("notices");
        out.buffer.push(b'[');
        for version in shown {
            if let Some(notice) = ports.notices.notice(study, version)? {
                out.item(&OwnNotice::from(&notice))?;
                if out.pass().is_break() {
                    return Ok(());
                }
            }
        }
        out.buffer.push(b']');
        Ok(())
    }

    /// Who made them is not told.
    fn amendments(&self, number: LogNumber, out: &mut Out<'_>) -> Result<(), ExportError> {
        let mut page = NonZeroU64::MIN;
        loop {
            let request = PageRequest {
                page,
                size: AMENDMENTS,
            };
            let made = self.inner.ports.amendments.history(number, &request)?;
            for one in &made.items {
                out.item(&AmendmentView::new(one, None, Reach::Whole))?;
            }
            if (made.items.len() as u64) < u64::from(AMENDMENTS.get()) || out.pass().is_break() {
                return Ok(());
            }
            page = page.saturating_add(1);
        }
    }

    fn quarantine(&self, filter: &LogFilter, out: &mut Out<'_>) -> Result<(), ExportError> {
        if out.gone {
            return Ok(());
        }
        out.begin("quarantine");
        out.buffer.push(b'[');
        let (study, filter) = (&self.known.study, QuarantineFilter::of(filter.participant));
        let told = walk::texts(self.inner, study.id, &filter, &mut |text| {
            out.item(&QuarantineView {
                text,
                slug: &study.slug,
                root: &self.file.root,
                language: self.file.language,
                whose: false,
            })?;
            Ok(out.pass())
        })?;
        if told.is_break() {
            return Ok(());
        }
        out.buffer.push(b']');
        Ok(())
    }
}
