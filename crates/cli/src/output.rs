//! What a command has to say.

use serde::Serialize;
use std::fmt::Display;
use std::io::{self, Write};

/// Where a command says what it has to say: as text for people, or as one JSON value.
pub struct Output<'a> {
    to: &'a mut dyn Write,
    json: bool,
}

impl<'a> Output<'a> {
    /// Says it there.
    pub fn new(to: &'a mut dyn Write, json: bool) -> Self {
        Self { to, json }
    }

    /// Whether one JSON value is wanted, and nothing else.
    pub fn is_json(&self) -> bool {
        self.json
    }

    /// A line for people; nothing where JSON is wanted.
    ///
    /// # Errors
    ///
    /// Those of the stream below, as for every function here.
    pub fn line(&mut self, text: impl Display) -> io::Result<()> {
        if self.json {
            Ok(())
        } else {
            writeln!(self.to, "{text}")
        }
    }

    /// The value where JSON is wanted; nothing for people.
    ///
    /// # Errors
    ///
    /// Those of the stream below.
    pub fn value(&mut self, value: &impl Serialize) -> io::Result<()> {
        if !self.json {
            return Ok(());
        }
        serde_json::to_writer_pretty(&mut *self.to, value)?;
        writeln!(self.to)
    }

    /// The stream itself, for a file that is printed.
    pub fn raw(&mut self) -> &mut dyn Write {
        self.to
    }
}

impl std::fmt::Debug for Output<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Output")
            .field("json", &self.json)
            .finish_non_exhaustive()
    }
}
