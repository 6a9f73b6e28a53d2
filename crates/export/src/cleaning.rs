//! Cleaning: what is left out of a table, or changed in it, and why. What is stored stays as it is.

use crate::chunks::Chunks;
use crate::row::{Row, begin, entries};
use crate::{Export, ExportError, Profile};
use sillage_domain::codebook::{Checker, nfc};
use sillage_domain::each_member;
use sillage_domain::quality::{
    Boundaries, Observed, RecentContents, Rules, Survey, Tally, field_of,
};
use sillage_domain::{EntryStatus, FaultKind, Payload, StoredEntry};
use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};
use std::ops::ControlFlow;

/// A rule of cleaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum CleaningRule {
    /// Leaves out entries whose time can't be: before 2000, or after they were received.
    Times,
    /// Leaves out entries with the content of an earlier one, under another id.
    Duplicates,
    /// Leaves out sessions with a gap in their sequence, or without the beginning or the end that the codebook names.
    Sessions,
    /// Empties fields whose value does not fit the codebook.
    Values,
}

impl CleaningRule {
    /// Every rule, in the order in which they are looked at.
    pub const ALL: &'static [Self] = &[Self::Times, Self::Duplicates, Self::Sessions, Self::Values];

    /// The word for it: `times`, `duplicates`, `sessions`, `values`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Times => "times",
            Self::Duplicates => "duplicates",
            Self::Sessions => "sessions",
            Self::Values => "values",
        }
    }

    /// The rule for a word; `None` if there is none.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|r| r.as_str() == word)
    }
}

/// How a table is cleaned.
#[derive(Debug, Clone, Default)]
pub struct Cleaning<'a> {
    /// By which rules; none leaves everything.
    pub rules: Vec<CleaningRule>,
    /// What counts as what.
    pub by: Rules,
    /// What begins and ends a session.
    pub boundaries: Boundaries,
    /// What fits the codebook; without it, every value does.
    pub checker: Option<&'a Checker>,
}

/// What was done to an entry, and why.
pub(crate) struct Done<'a> {
    pub(crate) rule: CleaningRule,
    /// The field that was emptied; `None` where the entry was left out.
    pub(crate) field: Option<&'a str>,
    /// What does not fit.
    pub(crate) detail: &'a str,
}

/// Looks at entry after entry, in order.
pub(crate) struct Cleaner<'a> {
    cleaning: Option<&'a Cleaning<'a>>,
    recent: RecentContents,
    incomplete: HashSet<u64>,
    keys: RandomState,
}

impl<'a> Cleaner<'a> {
    /// Ready for the first entry; where only whole sessions are wanted, all entries of the study were looked at once.
    pub(crate) fn new(export: &Export<'a>) -> Result<Self, ExportError> {
        let mut cleaner = Self {
            cleaning: export.reading.cleaning,
            recent: RecentContents::default(),
            incomplete: HashSet::new(),
            keys: RandomState::new(),
        };
        if let Some(cleaning) = cleaner.cleaning
            && cleaning.rules.contains(&CleaningRule::Sessions)
        {
            cleaner.find_incomplete(export, cleaning)?;
        }
        Ok(cleaner)
    }

    /// A session is whole or not whatever part of it is exported.
    fn find_incomplete(
        &mut self,
        export: &Export<'_>,
        cleaning: &Cleaning<'_>,
    ) -> Result<(), ExportError> {
        let everything = sillage_domain::LogFilter::default();
        let look = |each: &mut dyn FnMut(&Observed<'_>)| {
            entries(export, &everything, &mut |entry| {
                if let Some(entry) = Observed::of(&entry) {
                    each(&entry);
                }
                ControlFlow::Continue(())
            })
        };
        let mut survey = Survey::default();
        look(&mut |entry| survey.add(entry))?;
        for part in 0..survey.parts() {
            let Cleaning { by, boundaries, .. } = cleaning;
            let mut tally = Tally::new(by, boundaries, part, survey.parts());
            look(&mut |entry| tally.add(entry))?;
            for session in tally.sessions() {
                let whole = session.findings.gaps == 0
                    && session.started != Some(false)
                    && session.ended != Some(false);
                if let (false, Some(name)) = (whole, &session.session) {
                    let key = self.keys.hash_one((name, session.participant));
                    self.incomplete.insert(key);
                }
            }
        }
        Ok(())
    }

    /// Cleans one entry: whether it stays. Everything that is done to it is told.
    pub(crate) fn clean(
        &mut self,
        entry: &mut StoredEntry,
        tell: &mut dyn FnMut(&StoredEntry, Done<'_>),
    ) -> bool {
        let Some(cleaning) = self.cleaning else {
            return true;
        };
        if entry.status != EntryStatus::Accepted {
            return true;
        }
        let rules = &cleaning.rules;
        let has = |rule| rules.contains(&rule);
        let (times, duplicates, sessions, values) = (
            has(CleaningRule::Times),
            has(CleaningRule::Duplicates),
            has(CleaningRule::Sessions),
            has(CleaningRule::Values),
        );
        let dropped = Observed::of(entry).and_then(|observed| {
            if times && cleaning.by.is_impossible(&observed) {
                return Some((CleaningRule::Times, "its time can't be"));
            }
            if duplicates && self.recent.has(&observed) {
                return Some((CleaningRule::Duplicates, "an earlier entry has its content"));
            }
            let session = observed.session.filter(|_| sessions)?;
            let key = self.keys.hash_one((session, observed.participant));
            let reason = (CleaningRule::Sessions, "its session is not whole");
            self.incomplete.contains(&key).then_some(reason)
        });
        if let Some((rule, detail)) = dropped {
            let field = None;
            tell(
                entry,
                Done {
                    rule,
                    field,
                    detail,
                },
            );
            return false;
        }
        if values && let Some(checker) = cleaning.checker {
            empty_misfits(entry, checker, tell);
        }
        true
    }
}

/// Takes the members out of the payload that do not fit the codebook.
fn empty_misfits(
    entry: &mut StoredEntry,
    checker: &Checker,
    tell: &mut dyn FnMut(&StoredEntry, Done<'_>),
) {
    let Some(payload) = &entry.payload else {
        return;
    };
    let faults = checker.check_payload(&entry.action, Some(payload.as_str()));
    let mut misfits: Vec<(String, String)> = Vec::new();
    for fault in &faults {
        let Some(name) = field_of(fault) else {
            continue;
        };
        if !misfits.iter().any(|(known, _)| *known == name) {
            misfits.push((name, word(&fault.kind)));
        }
    }
    if misfits.is_empty() {
        return;
    }
    let mut kept = String::from("{");
    let mut emptied = Vec::new();
    each_member(payload.as_str(), |name, value| {
        let name_in_nfc = nfc(&name);
        match misfits.iter().find(|(misfit, _)| *misfit == *name_in_nfc) {
            Some((field, word)) => emptied.push((field.clone(), word.clone())),
            None => {
                if kept.len() > 1 {
                    kept.push(',');
                }
                // A name always has a JSON form.
                kept.push_str(&serde_json::to_string(&name).unwrap_or_default());
                kept.push(':');
                kept.push_str(value.get());
            }
        }
    });
    kept.push('}');
    for (field, word) in &emptied {
        let rule = CleaningRule::Values;
        let field = Some(field.as_str());
        tell(
            entry,
            Done {
                rule,
                field,
                detail: word,
            },
        );
    }
    entry.payload = Some(Payload::from_checked(kept));
}

/// The word for a kind of fault: that of its JSON form.
fn word(kind: &FaultKind) -> String {
    let form = serde_json::to_value(kind).unwrap_or_default();
    form["kind"].as_str().unwrap_or_default().to_owned()
}

/// The columns of the table of reasons.
pub const REASON_COLUMNS: [&str; 8] = [
    "number",
    "id",
    "participant",
    "session",
    "sequence",
    "field",
    "rule",
    "reason",
];

/// Writes a row for each entry that is left out of the table, and for each field that is emptied in it.
pub(crate) fn write_reasons(
    export: &Export<'_>,
    profile: Profile,
    out: &mut Chunks<'_>,
) -> Result<u64, ExportError> {
    let mut csv = begin(out, profile, REASON_COLUMNS)?;
    let mut row = Row::new(profile);
    let mut cleaner = Cleaner::new(export)?;
    let (mut rows, mut failure) = (0, None);
    entries(export, export.filter, &mut |mut entry| {
        cleaner.clean(&mut entry, &mut |entry, done| {
            reason(&mut row, entry, &done);
            match csv.write_byte_record(row.record()) {
                Ok(()) => rows += 1,
                Err(error) => failure = Some(error),
            }
        });
        match failure {
            None => ControlFlow::Continue(()),
            Some(_) => ControlFlow::Break(()),
        }
    })?;
    if let Some(error) = failure {
        return Err(error.into());
    }
    csv.flush().map_err(ExportError::Write)?;
    Ok(rows)
}

fn reason(row: &mut Row, entry: &StoredEntry, done: &Done<'_>) {
    row.clear();
    row.integer(Some(entry.number.0));
    row.id(entry.id);
    row.shown(entry.pseudonym);
    row.optional_text(entry.session.as_ref().map(|s| s.as_str()));
    row.integer(entry.sequence.map(|s| s.get()));
    row.optional_text(done.field);
    row.plain(done.rule.as_str());
    row.plain(done.detail);
}
