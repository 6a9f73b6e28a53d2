//! Entries of a file, a JSON object a line.

use crate::CommandError;
use crate::progress::bytes;
use flate2::read::MultiGzDecoder;
use serde::Deserialize;
use serde_json::value::RawValue;
use sillage_domain::quality::{Observed, Quality, QualityReport};
use sillage_domain::{ActionName, Pseudonym, Sequence, SessionName, Timestamp};
use std::borrow::Cow;
use std::fs::File;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

/// The longest line that is read, in bytes.
const MAX_LINE: u64 = 1 << 20;

/// An entry as it was sent, or as an export has it.
#[derive(Deserialize)]
struct Line<'a> {
    action: ActionName,
    timestamp: Timestamp,
    session: Option<SessionName>,
    sequence: Option<i64>,
    sent_at: Option<Timestamp>,
    received_at: Option<Timestamp>,
    #[serde(borrow)]
    participant: Option<Cow<'a, str>>,
    #[serde(borrow)]
    payload: Option<&'a RawValue>,
}

impl Line<'_> {
    fn observed(&self) -> Observed<'_> {
        Observed {
            participant: participant(self.participant.as_deref()),
            session: self.session.as_ref(),
            sequence: self.sequence.and_then(Sequence::new),
            occurred_at: self.timestamp,
            sent_at: self.sent_at,
            received_at: self.received_at,
            action: &self.action,
            payload: self.payload.map(RawValue::get),
        }
    }
}

/// A pseudonym, or for any other text one that is made from it: it only tells players apart.
fn participant(text: Option<&str>) -> Pseudonym {
    let text = text.unwrap_or_default();
    text.parse().unwrap_or_else(|_| {
        let mut hasher = DefaultHasher::new();
        text.hash(&mut hasher);
        let mut bits = hasher.finish() >> 4;
        loop {
            match Pseudonym::from_u64(bits) {
                Ok(code) => return code,
                Err(_) => bits >>= 1,
            }
        }
    })
}

pub(super) fn read(path: &Path, mut quality: Quality<'_>) -> Result<QualityReport, CommandError> {
    let failed = |source| CommandError::File {
        path: path.to_owned(),
        source,
    };
    let file = File::open(path).map_err(failed)?;
    let progress = bytes("read");
    let file = progress.wrap_read(file);
    let compressed = path.extension().is_some_and(|extension| extension == "gz");
    let mut reader: Box<dyn BufRead> = if compressed {
        Box::new(BufReader::new(MultiGzDecoder::new(file)))
    } else {
        Box::new(BufReader::new(file))
    };
    let (mut line, mut unreadable) = (Vec::new(), 0);
    while next_line(&mut reader, &mut line).map_err(failed)? {
        match serde_json::from_slice::<Line<'_>>(&line) {
            Ok(entry) => quality.observe(&entry.observed()),
            Err(_) if line.iter().all(u8::is_ascii_whitespace) => {}
            Err(_) => unreadable += 1,
        }
    }
    progress.finish_and_clear();
    Ok(quality.finish(Some((unreadable, 0))))
}

/// Whether there was one. Of a line that is too long, only what no entry can begin with is kept.
fn next_line(reader: &mut dyn BufRead, line: &mut Vec<u8>) -> io::Result<bool> {
    line.clear();
    let read = (&mut *reader).take(MAX_LINE).read_until(b'\n', line)?;
    let too_long = read as u64 == MAX_LINE && line.last() != Some(&b'\n');
    if too_long {
        line.truncate(1);
        reader.skip_until(b'\n')?;
    }
    Ok(read > 0)
}
