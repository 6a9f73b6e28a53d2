//! CSV of texts that are not entries.

use crate::chunks::Chunks;
use crate::row::{Row, begin};
use crate::{ExportError, Profile};
use std::fmt;
use std::ops::ControlFlow;

/// A CSV file of texts, handed over in chunks of about [`CHUNK`](crate::CHUNK) bytes until the consumer breaks.
pub struct TextTable<'a> {
    csv: csv::Writer<Chunks<'a>>,
    row: Row,
}

impl<'a> TextTable<'a> {
    /// Hands the header over.
    ///
    /// # Errors
    ///
    /// [`ExportError::Write`] if the consumer breaks at once.
    pub fn begin(
        columns: &[&str],
        profile: Profile,
        consumer: &'a mut dyn FnMut(Vec<u8>) -> ControlFlow<()>,
    ) -> Result<Self, ExportError> {
        Ok(Self {
            csv: begin(Chunks::new(consumer), profile, columns.iter().copied())?,
            row: Row::new(profile),
        })
    }

    /// One row; breaks where the consumer did.
    ///
    /// # Errors
    ///
    /// [`ExportError::Write`] for a row of another length than the header.
    pub fn row<'t>(
        &mut self,
        texts: impl IntoIterator<Item = &'t str>,
    ) -> Result<ControlFlow<()>, ExportError> {
        self.row.clear();
        texts.into_iter().for_each(|text| self.row.text(text));
        let written = self.csv.write_byte_record(self.row.record());
        match written {
            Err(_) if self.csv.get_ref().is_broken() => Ok(ControlFlow::Break(())),
            done => Ok(ControlFlow::Continue(done?)),
        }
    }

    /// Hands the rest over; whether the consumer took all of it.
    ///
    /// # Errors
    ///
    /// None but those of the writer.
    pub fn end(mut self) -> Result<bool, ExportError> {
        match self.csv.flush() {
            Err(_) if self.csv.get_ref().is_broken() => Ok(false),
            done => done.map(|()| true).map_err(ExportError::Write),
        }
    }
}

impl fmt::Debug for TextTable<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TextTable")
    }
}
