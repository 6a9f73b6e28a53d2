//! One row of CSV, put together in memory that is used again.

use crate::chunks::CHUNK;
use crate::cleaning::Cleaner;
use crate::guard::is_formula;
use crate::{Deidentified, Export, ExportError, Profile};
use sillage_domain::{
    Corrector, EntryId, LogFilter, Marker, Payload, StoreError, StoredEntry, Timestamp,
    scan_amended, scan_marked,
};
use std::io::Write;
use std::ops::ControlFlow;

pub(crate) struct Row {
    record: csv::ByteRecord,
    scratch: Vec<u8>,
    guarded: bool,
}

impl Row {
    pub(crate) fn new(profile: Profile) -> Self {
        Self {
            record: csv::ByteRecord::new(),
            scratch: Vec::new(),
            guarded: profile == Profile::Spreadsheet,
        }
    }

    pub(crate) fn clear(&mut self) {
        self.record.clear();
    }

    pub(crate) fn record(&self) -> &csv::ByteRecord {
        &self.record
    }

    /// A field that somebody chose the text of.
    pub(crate) fn text(&mut self, text: &str) {
        if self.guarded && is_formula(text) {
            self.scratch.clear();
            self.scratch.push(b'\'');
            self.scratch.extend_from_slice(text.as_bytes());
            self.record.push_field(&self.scratch);
        } else {
            self.plain(text);
        }
    }

    /// A field that can't be a formula.
    pub(crate) fn plain(&mut self, text: &str) {
        self.record.push_field(text.as_bytes());
    }

    /// A field without a value.
    pub(crate) fn empty(&mut self) {
        self.record.push_field(b"");
    }

    pub(crate) fn optional_text(&mut self, text: Option<&str>) {
        match text {
            Some(text) => self.text(text),
            None => self.empty(),
        }
    }

    pub(crate) fn integer(&mut self, value: Option<i64>) {
        if let Some(value) = value {
            self.shown(value);
        } else {
            self.empty();
        }
    }

    pub(crate) fn shown(&mut self, value: impl std::fmt::Display) {
        self.scratch.clear();
        // Writing to memory does not fail.
        let _ = write!(self.scratch, "{value}");
        self.record.push_field(&self.scratch);
    }

    pub(crate) fn id(&mut self, id: EntryId) {
        let mut buffer = [0; 36];
        self.record
            .push_field(id.0.hyphenated().encode_lower(&mut buffer).as_bytes());
    }

    pub(crate) fn time(&mut self, time: Option<Timestamp>) {
        match time {
            Some(time) => self.record.push_field(time.format(&mut [0; 27]).as_bytes()),
            None => self.empty(),
        }
    }
}

/// A CSV writer whose header is handed over at once, so that the first byte does not wait for the rows.
pub(crate) fn begin<'a, W: Write>(
    out: W,
    profile: Profile,
    header: impl IntoIterator<Item = &'a str>,
) -> Result<csv::Writer<W>, ExportError> {
    let mut csv = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .buffer_capacity(CHUNK)
        .from_writer(out);
    let mut row = Row::new(profile);
    header.into_iter().for_each(|name| row.text(name));
    csv.write_byte_record(row.record())?;
    csv.flush().map_err(ExportError::Write)?;
    Ok(csv)
}

/// Whether any entry of the study is read as it was amended.
pub(crate) fn has_amendments(export: &Export<'_>) -> Result<bool, ExportError> {
    Ok(match export.reading.amendments {
        None => false,
        Some(store) => Corrector::open(store, export.study)?.has_any(),
    })
}

/// Whether any entry of the study is disputed.
pub(crate) fn has_disputes(export: &Export<'_>) -> Result<bool, ExportError> {
    Ok(match export.reading.disputes {
        None => false,
        Some(store) => Marker::open(store, export.study)?.has_any(),
    })
}

/// Calls `each` with the entries, as they were amended and marked as disputed if they are wanted so, until it breaks.
pub(crate) fn entries(
    export: &Export<'_>,
    filter: &LogFilter,
    each: &mut dyn FnMut(StoredEntry) -> ControlFlow<()>,
) -> Result<(), StoreError> {
    let (logs, study) = (export.logs, export.study);
    let scan =
        |each: &mut dyn FnMut(StoredEntry) -> ControlFlow<()>| match export.reading.amendments {
            None => logs.scan(study, filter, each),
            Some(amendments) => scan_amended(logs, amendments, study, filter, each),
        };
    match export.reading.disputes {
        None => scan(each),
        Some(disputes) => scan_marked(disputes, study, each, scan),
    }
}

/// Calls `each` with the entries, cleaned and as far as they may be shown, until it fails.
pub(crate) fn scan(
    export: &Export<'_>,
    mut each: impl FnMut(&StoredEntry) -> Result<ControlFlow<()>, ExportError>,
) -> Result<(), ExportError> {
    let mut failure = None;
    let mut cleaner = Cleaner::new(export)?;
    let deidentified = export.reading.deidentified;
    let mut read = |mut entry: StoredEntry| {
        if !cleaner.clean(&mut entry, &mut |_, _| {}) {
            return ControlFlow::Continue(());
        }
        if let Some(shown) = deidentified {
            show(shown, &mut entry);
        }
        match each(&entry) {
            Ok(flow) => flow,
            Err(error) => {
                failure = Some(error);
                ControlFlow::Break(())
            }
        }
    };
    entries(export, export.filter, &mut read)?;
    failure.map_or(Ok(()), Err)
}

/// Leaves of the payload what may be shown.
fn show(shown: &Deidentified, entry: &mut StoredEntry) {
    if let Some(payload) = &entry.payload {
        let mut left = String::new();
        let any = shown.payload(&entry.action, payload.as_str(), &mut left);
        entry.payload = any.then(|| Payload::from_checked(left));
    }
}
