//! Every parser, and its corpus.

use crate::dice::Dice;
use crate::laws::{codebook, credentials, csv, entry, lines, rules, time, token};
use crate::mutate;
use sillage_domain::CodebookFormat;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

/// A parser.
pub(crate) struct Parser {
    pub(crate) name: &'static str,
    /// Whether its texts are JSON, which is changed at its joints too.
    is_json: bool,
    /// Gives whether the text was taken; panics if what was taken is not as it must be.
    check: fn(&[u8]) -> bool,
}

pub(crate) const PARSERS: [Parser; 9] = [
    Parser {
        name: "entry",
        is_json: true,
        check: entry,
    },
    Parser {
        name: "lines",
        is_json: false,
        check: lines,
    },
    Parser {
        name: "codebook-toml",
        is_json: false,
        check: |input| codebook(input, CodebookFormat::Toml),
    },
    Parser {
        name: "codebook-json",
        is_json: true,
        check: |input| codebook(input, CodebookFormat::Json),
    },
    Parser {
        name: "time",
        is_json: false,
        check: time,
    },
    Parser {
        name: "credentials",
        is_json: false,
        check: credentials,
    },
    Parser {
        name: "token",
        is_json: false,
        check: token,
    },
    Parser {
        name: "rules",
        is_json: false,
        check: rules,
    },
    Parser {
        name: "csv",
        is_json: false,
        check: csv,
    },
];

/// What became of a parser's inputs.
pub(crate) struct Outcome {
    pub(crate) inputs: usize,
    pub(crate) taken: usize,
    /// An input that broke it, and the number of the try.
    pub(crate) broken: Option<(usize, Vec<u8>)>,
}

impl Parser {
    /// Gives it its corpus as it is, and then so many changed texts of it.
    pub(crate) fn play(&self, seed: u64, count: usize) -> Outcome {
        let corpus = corpus(self.name);
        let mut outcome = Outcome {
            inputs: 0,
            taken: 0,
            broken: None,
        };
        for n in 0..corpus.len() + count {
            let mut dice = Dice::new(
                seed.wrapping_add(n as u64)
                    .wrapping_mul(0x9e37_79b9_7f4a_7c15),
            );
            let input = match corpus.get(n) {
                Some(text) => text.clone(),
                None => self.another(&mut dice, &corpus),
            };
            outcome.inputs += 1;
            match catch_unwind(AssertUnwindSafe(|| (self.check)(&input))) {
                Ok(taken) => outcome.taken += usize::from(taken),
                Err(_) => {
                    outcome.broken = Some((n, input));
                    return outcome;
                }
            }
        }
        outcome
    }

    fn another(&self, dice: &mut Dice, corpus: &[Vec<u8>]) -> Vec<u8> {
        let text = &corpus[dice.below(corpus.len())];
        if self.is_json
            && dice.below(2) == 0
            && let Ok(mut value) = serde_json::from_slice(text)
        {
            for _ in 0..1 + dice.below(3) {
                mutate::json(dice, &mut value);
            }
            return value.to_string().into_bytes();
        }
        mutate::bytes(dice, text, corpus)
    }
}

/// The texts of a parser's folder, the regressions among them.
pub(crate) fn corpus(name: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fuzz/corpus")
        .join(name);
    let mut paths: Vec<PathBuf> = std::fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    assert!(!paths.is_empty(), "{} is empty", folder.display());
    paths
        .iter()
        .map(|path| std::fs::read(path).unwrap())
        .collect()
}
