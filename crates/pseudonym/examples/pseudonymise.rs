//! Rules on a CSV file, from one program to the next, with this crate and nothing else of Sillage:
//!
//! `cargo run --example pseudonymise <answers.csv`
//!
//! The columns are those of the rules below. Without an input of its own it takes the two rows at the end.

use sillage_pseudonym::RootKey;
use sillage_pseudonym::rules::{Form, Pseudonymiser, Rules, RulesFormat};
use sillage_pseudonym::scrub::Roster;
use std::error::Error;
use std::io::{self, IsTerminal, Read};

const RULES: &str = r#"
format = 1
study = "castle"
others = "refuse"

[fields]
pupil = { rule = "pseudonymise", kind = "username", reason = "to follow a pupil without knowing who" }
born = { rule = "truncate", to = "year", reason = "a birthday points at a pupil" }
answer = { rule = "scrub-text", reason = "pupils write names" }
"#;

const ROWS: &str = "pupil,born,answer\n\
    mdupont,2013-03-07,\"Zoé m'a aidée, écris à zoe@example.org\"\n\
    zmueller,2012-11-30,079 123 45 67\n";

fn main() -> Result<(), Box<dyn Error>> {
    let rules = Rules::read(RULES, RulesFormat::Toml)
        .map_err(|faults| format!("the rules have faults, the first at {}", faults[0]))?;
    let roster = Roster::read("first_name,last_name\nMarie,Dupont\nZoé,Müller\n".as_bytes())?;
    // Kept in a file that only its owner reads; with another key, pupils have other pseudonyms.
    let root = RootKey::generate()?;

    let mut pseudonymiser = Pseudonymiser::new(rules, Some(&root), Some(roster))?;
    let input: Box<dyn Read> = if io::stdin().is_terminal() {
        Box::new(ROWS.as_bytes())
    } else {
        Box::new(io::stdin())
    };
    let report = pseudonymiser.run(Form::Csv { delimiter: b',' }, input, io::stdout())?;
    eprintln!(
        "{} rows, with keys of {}",
        report.rows(),
        root.fingerprint()
    );
    Ok(())
}
