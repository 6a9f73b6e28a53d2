//! How far it is, on the standard error.

use std::io::IsTerminal;
use std::time::{Duration, Instant};

/// Progress on the standard error: one line that changes on a terminal, a new line every ten seconds elsewhere.
pub(crate) struct Line {
    quiet: bool,
    terminal: bool,
    last: Option<Instant>,
}

impl Line {
    pub(crate) fn new(quiet: bool) -> Self {
        Self {
            quiet,
            terminal: std::io::stderr().is_terminal(),
            last: None,
        }
    }

    pub(crate) fn show(&mut self, text: &str) {
        if self.quiet {
            return;
        }
        if self.terminal {
            eprint!("\r{text}\x1b[K");
        } else if self
            .last
            .is_none_or(|last| last.elapsed() > Duration::from_secs(10))
        {
            eprintln!("{text}");
        } else {
            return;
        }
        self.last = Some(Instant::now());
    }

    pub(crate) fn end(&mut self) {
        if !self.quiet && self.terminal && self.last.take().is_some() {
            eprint!("\r\x1b[K");
        }
    }
}
