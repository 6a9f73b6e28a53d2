//! What checking entries against a codebook costs, beside reading the same entries from their bytes.

use crate::Result;
use flate2::read::GzDecoder;
use sillage_domain::codebook::{Checker, Codebook, CodebookFormat};
use sillage_domain::{Body, Draft, Form, Limits, Parsed, parse};
use std::fs::{File, read_to_string};
use std::hint::black_box;
use std::io::{Read, Write};
use std::path::Path;
use std::time::{Duration, Instant};

/// How many entries a body has.
const BATCH: usize = 100;

/// Reads and checks the recorded class of `examples/waves` in turn; prints the medians.
pub(crate) fn run(rounds: usize) -> Result<()> {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/waves");
    let codebook = read_to_string(example.join("codebook.toml"))?;
    let codebook = Codebook::read(&codebook, CodebookFormat::Toml)
        .map_err(|faults| format!("the codebook of the example has {} faults", faults.len()))?;
    let mut recorded = String::new();
    GzDecoder::new(File::open(example.join("waves.ndjson.gz"))?).read_to_string(&mut recorded)?;
    let lines: Vec<&str> = recorded.lines().collect();
    let bodies: Vec<String> = lines.chunks(BATCH).map(|lines| lines.join("\n")).collect();
    let checker = Checker::new(&codebook);
    let (mut reading, mut checking) = (Vec::new(), Vec::new());
    for _ in 0..rounds.max(1) {
        let start = Instant::now();
        let drafts = read(&bodies)?;
        reading.push(start.elapsed());
        let start = Instant::now();
        let misfits = drafts
            .iter()
            .filter(|draft| !checker.check(black_box(draft)).is_empty());
        let misfits = misfits.count();
        checking.push(start.elapsed());
        if misfits > 0 {
            return Err(format!("{misfits} of the recorded entries do not fit").into());
        }
    }
    let per_entry = |times: &mut Vec<Duration>| {
        times.sort_unstable();
        times[times.len() / 2].as_nanos() as f64 / lines.len() as f64
    };
    let (reading, checking) = (per_entry(&mut reading), per_entry(&mut checking));
    writeln!(
        std::io::stdout(),
        "reading an entry of a batch: {reading:.0} ns; checking it: {checking:.0} ns, {:.0} % of reading",
        100.0 * checking / reading
    )?;
    Ok(())
}

fn read(bodies: &[String]) -> Result<Vec<Draft>> {
    let mut drafts = Vec::new();
    for body in bodies {
        let parsed = parse(black_box(body.as_bytes()), Form::Lines, &Limits::default())?;
        let Body::Several(parsed) = parsed else {
            return Err("lines are several entries".into());
        };
        let entries = parsed.into_iter().map(|Parsed { entry, .. }| entry);
        drafts.extend(entries.filter_map(std::result::Result::ok));
    }
    Ok(drafts)
}
