//! Entries that are taken from the front of the queue.

use super::line;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

/// Entries from the front. They stay in the queue until they are settled.
#[derive(Debug)]
pub(crate) struct Batch {
    /// As JSON, one object each.
    pub(crate) entries: Vec<Vec<u8>>,
    /// Where each ends in its segment; `None` if they were in memory.
    pub(super) ends: Option<Vec<u64>>,
}

impl Batch {
    pub(super) fn end(&self) -> Option<u64> {
        self.ends.as_ref()?.last().copied()
    }
}

/// Reads entries of a segment between two places.
pub(super) fn read(
    path: &Path,
    at: u64,
    end: u64,
    entries: usize,
    bytes: usize,
) -> io::Result<Batch> {
    let mut file = File::open(path)?;
    let mut wanted = bytes as u64;
    loop {
        file.seek(SeekFrom::Start(at))?;
        let mut text = Vec::new();
        (&mut file)
            .take(wanted.min(end - at))
            .read_to_end(&mut text)?;
        let last = text.len() as u64 == end - at || (text.len() as u64) < wanted;
        let batch = pick(&text, at, entries, last);
        if last || batch.end().is_some() {
            return Ok(batch);
        }
        wanted *= 2;
    }
}

/// The first entries of that text. What has no end is damaged if nothing follows.
fn pick(text: &[u8], at: u64, most: usize, last: bool) -> Batch {
    let (mut entries, mut ends) = (Vec::new(), Vec::new());
    for line in line::lines(text) {
        let torn = line.end == text.len() && text.last() != Some(&b'\n');
        if entries.len() == most || (torn && !last) {
            break;
        }
        let end = at + line.end as u64;
        match line.text {
            Some(entry) => {
                entries.push(entry.to_vec());
                ends.push(end);
            }
            // It is settled with the entry before it, or by itself at the beginning.
            None => match ends.last_mut() {
                Some(before) => *before = end,
                None => ends.push(end),
            },
        }
    }
    // An end for damage at the beginning belongs to no entry.
    if ends.len() > entries.len() && !entries.is_empty() {
        ends.remove(0);
    }
    Batch {
        entries,
        ends: Some(ends),
    }
}
