//! CSV as it is written (RFC 4180).

/// Rows that are to be written: values are in quotation marks only where they have to be, and a row ends with a line feed.
pub(super) struct Rows {
    text: Vec<u8>,
    /// Where the row begins that is being made.
    row: usize,
    /// Whether it has a value already.
    has_values: bool,
    delimiter: u8,
    /// What a value may not hold unless it is in quotation marks.
    special: [bool; 256],
}

impl Rows {
    pub(super) fn new(delimiter: u8) -> Self {
        let mut special = [false; 256];
        for byte in [delimiter, b'"', b'\r', b'\n'] {
            special[usize::from(byte)] = true;
        }
        Self {
            text: Vec::new(),
            row: 0,
            has_values: false,
            delimiter,
            special,
        }
    }

    /// Adds a value to the row.
    pub(super) fn value(&mut self, value: &str) {
        if self.has_values {
            self.text.push(self.delimiter);
        }
        self.has_values = true;
        let special = |byte: &u8| self.special[usize::from(*byte)];
        if !value.as_bytes().iter().any(special) {
            self.text.extend_from_slice(value.as_bytes());
            return;
        }
        self.text.push(b'"');
        let mut parts = value.split('"');
        let first = parts.next().unwrap_or_default();
        self.text.extend_from_slice(first.as_bytes());
        for part in parts {
            self.text.extend_from_slice(b"\"\"");
            self.text.extend_from_slice(part.as_bytes());
        }
        self.text.push(b'"');
    }

    /// Ends the row. One that would be an empty line is written as an empty value, since readers pass over empty lines.
    pub(super) fn end_row(&mut self) {
        if self.text.len() == self.row {
            self.text.extend_from_slice(b"\"\"");
        }
        self.text.push(b'\n');
        self.has_values = false;
        self.row = self.text.len();
    }

    /// Those that were ended; a row that was only begun is none.
    pub(super) fn ended(&self) -> &[u8] {
        &self.text[..self.row]
    }

    /// Forgets all of them.
    pub(super) fn clear(&mut self) {
        self.text.clear();
        self.row = 0;
        self.has_values = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn rows_are_written_as_the_csv_crate_writes_them(
            rows in prop::collection::vec(prop::collection::vec("[a-b\",;\r\n é]{0,6}", 1..4), 0..6),
            delimiter in prop::sample::select(vec![b',', b';', b'\t']),
        ) {
            let mut theirs = csv::WriterBuilder::new().delimiter(delimiter).flexible(true).from_writer(Vec::new());
            let mut ours = Rows::new(delimiter);
            for row in &rows {
                theirs.write_record(row).unwrap();
                for value in row {
                    ours.value(value);
                }
                ours.end_row();
            }
            prop_assert_eq!(ours.ended(), theirs.into_inner().unwrap());
        }
    }

    #[test]
    fn a_row_that_was_only_begun_is_none() {
        let mut rows = Rows::new(b',');
        rows.value("whole");
        rows.end_row();
        rows.value("half");
        assert_eq!(rows.ended(), b"whole\n");
        rows.clear();
        rows.value("next");
        rows.end_row();
        assert_eq!(rows.ended(), b"next\n");
    }
}
