//! Reads back through the API what was acknowledged.

use crate::Result;
use crate::api::Api;
use crate::ids::{Comparison, Parts};
use serde::Deserialize;
use std::path::Path;
use std::time::{Duration, Instant};
use uuid::Uuid;

/// Entries a page: the most that the API gives.
const PAGE: usize = 1000;
/// How long the last entries may take to show in lists, where several servers write.
const PATIENCE: Duration = Duration::from_secs(20);

#[derive(Deserialize)]
struct Entry {
    id: Uuid,
    number: u64,
}

/// Compares a file of acknowledged ids with all entries of a study, read by cursor. `progress` is told how many were read.
///
/// # Errors
///
/// The server does not answer, or the file can't be read. What is lost is no error, but told.
pub fn verify(
    api: &Api,
    study: &str,
    acknowledged: &Path,
    mut progress: impl FnMut(u64),
) -> Result<Comparison> {
    let mut parts = Parts::of(acknowledged)?;
    let begin = Instant::now();
    let (mut after, mut read) = (0, 0);
    loop {
        let page: Vec<Entry> = api.page(study, PAGE, after)?;
        for entry in &page {
            parts.push_stored(entry.id)?;
        }
        read += page.len() as u64;
        progress(read);
        match page.last() {
            Some(last) => after = last.number,
            // What was committed just now may show a moment later.
            None if read < parts.acknowledged() && begin.elapsed() < PATIENCE => {
                std::thread::sleep(Duration::from_millis(200));
            }
            None => return parts.compare(),
        }
    }
}
