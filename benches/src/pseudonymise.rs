//! What pseudonymising a CSV costs, beside copying it field by field through the same library.

use crate::Result;
use crate::table::{self, Finding, Spread, Target};
use sillage_pseudonym::RootKey;
use sillage_pseudonym::rules::{Form, Pseudonymiser, Rules, RulesFormat};
use sillage_pseudonym::scrub::Roster;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;
use std::time::Instant;

/// Four rules on ten fields.
const RULES: &str = r#"
format = 1
study = "benches"
others = "keep"

[fields]
username = { rule = "pseudonymise", reason = "to follow a player without knowing who" }
timestamp = { rule = "date-shift", days = 60, whole_weeks = true, group = "username", reason = "a date and a class point at a lesson" }
age = { rule = "bucket", width = 5, reason = "an exact age and a class point at a pupil" }
answer = { rule = "scrub-text", reason = "pupils write names" }
"#;
/// What players answer, in turn.
const ANSWERS: [&str; 5] = [
    "if(none){win}else{loose}",
    "demande à Camille ou écris à camille@example.org",
    "je ne sais pas, la porte est fermée",
    "for (int i = 0; i < 10; i++) open(doors[i]);",
    "mon numéro: 079 123 45 67",
];
/// How many people the roster has.
const PEOPLE: u64 = 300;

/// Copies and pseudonymises such a file in turn; prints the ratio of the speeds.
pub(crate) fn run(rounds: usize, rows: u64, folder: &Path, json: bool) -> Result<()> {
    let scratch = tempfile::tempdir_in(folder)?;
    let (input, output) = (
        scratch.path().join("in.csv"),
        scratch.path().join("out.csv"),
    );
    write_input(&input, rows)?;
    let bytes = fs::metadata(&input)?.len();
    let (mut copying, mut pseudonymising) = (Vec::new(), Vec::new());
    let before = peak()?;
    let mut growth: f64 = 0.0;
    for round in 1..=rounds.max(1) {
        let start = Instant::now();
        copy(&input, &output)?;
        copying.push(start.elapsed().as_secs_f64());
        let start = Instant::now();
        let done = pseudonymise(&input, &output)?;
        pseudonymising.push(start.elapsed().as_secs_f64());
        growth = growth.max(peak()? - before);
        crate::measure::check_equal("rows", done, rows)?;
        eprintln!(
            "round {round}: copied in {:.2} s, pseudonymised in {:.2} s",
            copying[round - 1],
            pseudonymising[round - 1]
        );
    }
    let rate = rows as f64 / Spread::of(&pseudonymising).median;
    let findings = [
        Finding {
            what: format!("pseudonymising a CSV of {rows} rows of 10 fields, 4 rules / copying it"),
            engine: "no database",
            value: Spread::ratio(&copying, &pseudonymising),
            unit: "",
            target: Some(Target::AtLeast(1.0 / 3.0)),
            behind: format!(
                "{:.0} rows/s, {:.0} MB/s against {:.0} MB/s",
                rate,
                bytes as f64 / 1e6 / Spread::of(&pseudonymising).median,
                bytes as f64 / 1e6 / Spread::of(&copying).median
            ),
        },
        Finding {
            what: "growth of memory meanwhile".to_owned(),
            engine: "no database",
            value: Spread::of(&[growth]),
            unit: "MB",
            target: None,
            behind: format!("a file of {:.0} MB", bytes as f64 / 1e6),
        },
    ];
    let report = if json {
        table::json(&findings)?
    } else {
        table::text(&findings)
    };
    Ok(writeln!(std::io::stdout(), "{}", report.trim_end())?)
}

fn write_input(path: &Path, rows: u64) -> Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    writeln!(
        file,
        "number,username,session,sequence,timestamp,action,level,age,answer,received_at"
    )?;
    for n in 0..rows {
        let (pupil, answer) = (n * 7 % PEOPLE, ANSWERS[(n % 5) as usize]);
        let (day, hour, minute, second) = (n % 28 + 1, n % 24, n % 60, n * 7 % 60);
        writeln!(
            file,
            "{n},pupil-{pupil:03},s-{},{},2024-05-{day:02}T{hour:02}:{minute:02}:{second:02}.109Z,regionDeposer,{},{},\"{answer}\",\
             2024-06-01T00:00:00.{:06}Z",
            n / 200,
            n % 200,
            n % 12,
            n % 60 + 8,
            n % 1_000_000
        )?;
    }
    Ok(file.flush()?)
}

fn copy(input: &Path, output: &Path) -> Result<()> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .buffer_capacity(1 << 16)
        .from_path(input)?;
    let mut writer = csv::WriterBuilder::new()
        .buffer_capacity(1 << 16)
        .from_path(output)?;
    let mut record = csv::ByteRecord::new();
    while reader.read_byte_record(&mut record)? {
        writer.write_byte_record(&record)?;
    }
    Ok(writer.flush()?)
}

fn pseudonymise(input: &Path, output: &Path) -> Result<u64> {
    let rules = Rules::read(RULES, RulesFormat::Toml)
        .map_err(|faults| format!("the rules have {} faults", faults.len()))?;
    let mut roster = String::from("first_name,last_name,login\nCamille,Dubois,cdubois\n");
    for n in 1..PEOPLE {
        // Writing to memory does not fail.
        let _ = writeln!(roster, "Prénom{n},Nom{n},pupil-{n:03}");
    }
    let roster = Roster::read(roster.as_bytes())?;
    let root = RootKey::generate()?;
    let mut pseudonymiser = Pseudonymiser::new(rules, Some(&root), Some(roster))?;
    let form = Form::Csv { delimiter: b',' };
    let done = pseudonymiser.run(form, File::open(input)?, File::create(output)?)?;
    Ok(done.rows())
}

/// The most memory that this process ever had, in MB.
fn peak() -> Result<f64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let peak = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .ok_or("the system does not tell how much memory there was")?;
    let kilobytes: f64 = peak.trim().trim_end_matches(" kB").parse()?;
    Ok(kilobytes / 1e3)
}
