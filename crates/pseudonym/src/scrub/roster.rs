//! The people of a study, to be found in what they wrote.

use std::collections::BTreeMap;
use std::io::Read;
use std::ops::Range;

use aho_corasick::automaton::{Automaton, StateID};
use aho_corasick::nfa::contiguous::NFA;
use aho_corasick::{Anchored, dfa::DFA};
use thiserror::Error;
use unicode_normalization::UnicodeNormalization;

use super::Finding;
use super::fold::{is_separator, words};

/// Words for what a column of a roster holds.
const NAMES: [&str; 13] = [
    "name",
    "first_name",
    "firstname",
    "given_name",
    "last_name",
    "lastname",
    "surname",
    "family_name",
    "full_name",
    "nom",
    "prenom",
    "vorname",
    "nachname",
];
const LOGINS: [&str; 8] = [
    "login",
    "username",
    "user",
    "userid",
    "pseudo",
    "identifiant",
    "nickname",
    "benutzername",
];
const EMAILS: [&str; 6] = ["email", "e-mail", "e_mail", "mail", "courriel", "mel"];
/// The least letters that a part of a name is looked for by itself.
const PART: usize = 3;
/// Up to how many bytes of needles every step is a look into a table, of some 16 MB then; beyond, the table would not fit any memory that is fast.
const TABLE: usize = 1 << 16;

/// Why a file is no roster.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RosterError {
    /// It is no CSV, or can't be read.
    #[error("the roster can't be read")]
    Csv(#[from] csv::Error),
    /// None of its columns holds what can be looked for.
    #[error(
        "the roster has no column that is looked for; its first line names them: `name`, `first_name`, `last_name`, `login`, \
         `username`, `email` (or `nom`, `prénom`, `identifiant`, `courriel`)"
    )]
    NoColumn,
    /// It has more people than can be looked for at once.
    #[error("the roster is too large")]
    TooLarge(#[from] aho_corasick::BuildError),
}

/// Names, logins and e-mail addresses of people, to be found in texts however they are written.
///
/// A name is looked for as a whole, with its words in the order of the file and, if there are two, the other way round, with
/// anything or nothing between them; and each of its words of three letters or more by itself. Letters with umlauts are found when
/// they are written with an `e` too. Whole words are looked for: `Marie` is not found in `Mariette`. Left out are single letters,
/// and logins of fewer than four digits and nothing else, which would take every small number out of a text.
pub struct Roster {
    needles: Vec<(Box<str>, Finding)>,
    search: Search,
    people: usize,
    left_out: usize,
    ignored: Vec<Box<str>>,
}

impl Roster {
    /// Reads a CSV file, whose first line names its columns. Columns that hold neither names nor logins nor e-mail addresses are
    /// [left alone](Self::ignored_columns).
    ///
    /// # Errors
    ///
    /// [`RosterError`]
    pub fn read(csv: impl Read) -> Result<Self, RosterError> {
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(csv);
        let mut ignored = Vec::new();
        let columns: Vec<Option<Finding>> = reader
            .headers()?
            .iter()
            .map(|name| {
                let finding = finding_of(name);
                if finding.is_none() {
                    ignored.push(name.into());
                }
                finding
            })
            .collect();
        if columns.iter().all(Option::is_none) {
            return Err(RosterError::NoColumn);
        }
        let mut found = Needles::default();
        let mut people = 0;
        for row in reader.records() {
            let row = row?;
            people += 1;
            let cells = || row.iter().zip(&columns);
            for (cell, finding) in cells() {
                if let Some(finding) = finding {
                    found.cell(cell, *finding);
                }
            }
            let names: Vec<&str> = cells()
                .filter(|(_, finding)| **finding == Some(Finding::Name))
                .map(|(cell, _)| cell.trim())
                .filter(|cell| !cell.is_empty())
                .collect();
            if names.len() > 1 {
                found.name(&names.join(" "));
            }
        }
        let needles: Vec<_> = found.needles.into_iter().collect();
        let texts = needles.iter().map(|(needle, _)| needle.as_bytes());
        let search = if texts.clone().map(<[u8]>::len).sum::<usize>() <= TABLE {
            Search::Table(DFA::new(texts)?)
        } else {
            Search::Compact(NFA::new(texts)?)
        };
        Ok(Self {
            needles,
            search,
            people,
            left_out: found.left_out,
            ignored,
        })
    }

    /// How many people it has.
    #[must_use]
    pub fn people(&self) -> usize {
        self.people
    }

    /// How many names and logins are not looked for, being too short.
    #[must_use]
    pub fn left_out(&self) -> usize {
        self.left_out
    }

    /// Columns that were not understood, in the order of the file.
    pub fn ignored_columns(&self) -> impl Iterator<Item = &str> {
        self.ignored.iter().map(|name| &**name)
    }

    /// Those who are in a folded text. Whatever stands between two words, and however much of it, is one space to them.
    pub(super) fn find(&self, text: &str, found: &mut impl FnMut(Range<usize>, Finding)) {
        match &self.search {
            Search::Table(automaton) => self.find_by(automaton, text, found),
            Search::Compact(automaton) => self.find_by(automaton, text, found),
        }
    }

    fn find_by<A: Automaton>(
        &self,
        automaton: &A,
        text: &str,
        found: &mut impl FnMut(Range<usize>, Finding),
    ) {
        // Both are made for searches that begin anywhere.
        let Ok(mut state) = automaton.start_state(Anchored::No) else {
            return;
        };
        let mut after_separator = false;
        for (at, byte) in text.bytes().enumerate() {
            let word = WORDS[usize::from(byte)];
            let separates = word == b' ';
            if separates && after_separator {
                continue;
            }
            after_separator = separates;
            state = automaton.next_state(Anchored::No, state, word);
            if automaton.is_match(state) {
                self.ending(automaton, state, text, at + 1, found);
            }
        }
    }

    /// Those whose last letter was just met.
    fn ending<A: Automaton>(
        &self,
        automaton: &A,
        state: StateID,
        text: &str,
        end: usize,
        found: &mut impl FnMut(Range<usize>, Finding),
    ) {
        let goes_on = |one: Option<char>, other: Option<char>| match (one, other) {
            (Some(one), Some(other)) => is_one_word(one, other),
            _ => false,
        };
        for n in 0..automaton.match_len(state) {
            let pattern = automaton.match_pattern(state, n);
            let start = beginning(text.as_bytes(), end, automaton.pattern_len(pattern));
            let needle = &text[start..end];
            if goes_on(text[..start].chars().next_back(), needle.chars().next())
                || goes_on(needle.chars().next_back(), text[end..].chars().next())
            {
                continue;
            }
            if let Some((_, finding)) = self.needles.get(pattern.as_usize()) {
                found(start..end, *finding);
            }
        }
    }
}

/// What finds the needles: both find the same.
enum Search {
    Table(DFA),
    Compact(NFA),
}

/// What a byte of a folded text is to a needle: what separates words is a space.
const WORDS: [u8; 256] = {
    let mut words = [0; 256];
    let mut byte = 0;
    while byte < words.len() {
        words[byte] = if is_separator(byte as u8) {
            b' '
        } else {
            byte as u8
        };
        byte += 1;
    }
    words
};

/// Where a needle of so many bytes begins that ends there: of what stands between two words, one byte is of the needle.
fn beginning(text: &[u8], end: usize, mut length: usize) -> usize {
    let separates = |at: usize| text.get(at).copied().is_some_and(is_separator);
    let mut start = end;
    while length > 0 && start > 0 {
        start -= 1;
        let more_between = start > 0 && separates(start) && separates(start - 1);
        length -= usize::from(!more_between);
    }
    start
}

/// Shows how many there are, and nobody.
impl std::fmt::Debug for Roster {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Roster")
            .field("people", &self.people)
            .finish_non_exhaustive()
    }
}

fn finding_of(column: &str) -> Option<Finding> {
    let name: String = column
        .trim()
        .nfd()
        .filter(|c| !unicode_normalization::char::is_combining_mark(*c))
        .map(|c| if c == ' ' { '_' } else { c })
        .flat_map(char::to_lowercase)
        .collect();
    let is = |words: &[&str]| words.contains(&name.as_str());
    if is(&NAMES) {
        Some(Finding::Name)
    } else if is(&LOGINS) {
        Some(Finding::Login)
    } else if is(&EMAILS) {
        Some(Finding::Email)
    } else {
        None
    }
}

/// Whether two neighbours belong to one word: two letters, or two digits. Scripts that put no space between words have no neighbours.
fn is_one_word(one: char, other: char) -> bool {
    let letter = |c: char| c.is_alphabetic() && !is_without_spaces(c);
    letter(one) && letter(other) || one.is_numeric() && other.is_numeric()
}

/// Thai to Khmer, Chinese, Japanese, Korean.
fn is_without_spaces(c: char) -> bool {
    matches!(c, '\u{e00}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{1100}'..='\u{11ff}' | '\u{2e80}'..='\u{9fff}'
        | '\u{ac00}'..='\u{d7ff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// What is looked for, in order, each once.
#[derive(Default)]
struct Needles {
    needles: BTreeMap<Box<str>, Finding>,
    left_out: usize,
}

impl Needles {
    fn cell(&mut self, cell: &str, finding: Finding) {
        let cell = cell.trim();
        if cell.is_empty() {
            return;
        }
        match finding {
            Finding::Name => self.name(cell),
            other => {
                self.add(&words(cell), other);
            }
        }
    }

    fn name(&mut self, name: &str) {
        if !self.forms(name) {
            self.left_out += 1;
        }
        let spelt = spelt_out(name);
        if spelt != name {
            self.forms(&spelt);
        }
    }

    /// Every way to write a name; whether it is looked for at all.
    fn forms(&mut self, name: &str) -> bool {
        let folded = words(name);
        let looked_for = self.add(&folded, Finding::Name);
        let parts: Vec<&str> = folded.split(' ').collect();
        if parts.len() > 1 {
            self.add(&parts.concat(), Finding::Name);
        }
        if let [one, other] = parts[..] {
            self.add(&format!("{other} {one}"), Finding::Name);
            self.add(&format!("{other}{one}"), Finding::Name);
        }
        for part in parts
            .into_iter()
            .filter(|part| part.chars().count() >= PART)
        {
            self.add(part, Finding::Name);
        }
        looked_for
    }

    /// Whether it is looked for.
    fn add(&mut self, needle: &str, finding: Finding) -> bool {
        let small_number = needle.len() < 4 && needle.bytes().all(|byte| byte.is_ascii_digit());
        if needle.chars().count() < 2 || small_number {
            self.left_out += usize::from(finding != Finding::Name);
            return false;
        }
        let held = self.needles.entry(needle.into()).or_insert(finding);
        *held = finding.min(*held);
        true
    }
}

/// German and Nordic letters as they are written where a keyboard has none of them.
fn spelt_out(name: &str) -> String {
    let mut spelt = String::with_capacity(name.len());
    for c in name.nfc() {
        match c {
            'ä' | 'Ä' | 'æ' | 'Æ' => spelt.push_str("ae"),
            'ö' | 'Ö' | 'ø' | 'Ø' | 'œ' | 'Œ' => spelt.push_str("oe"),
            'ü' | 'Ü' => spelt.push_str("ue"),
            'å' | 'Å' => spelt.push_str("aa"),
            c => spelt.push(c),
        }
    }
    spelt
}
