//! The logs of the old database, through the same parser and the same writer as those that a game sends.

mod text;

use super::Broken;
use super::layout::Logs;
use super::people::{Owner, Owners, number, shown};
use super::report::{Fate, Line, Report};
use crate::progress::bar;
use crate::{CommandError, Workplace};
use sillage_domain::{
    ActionName, Arrival, Body, Cell, Checker, Codebook, CodebookVersion, Draft, EntryId, Fault,
    FaultKind, ForeignDatabase, Form, Limits, Misfit, NewEntry, NewMisfit, Outcome, Pseudonym,
    StoreError, Study, Submission, TimeError, parse,
};
use std::ops::ControlFlow;
use std::time::Duration;
use text::Written;

/// How many logs go to the writer at once.
const BATCH: usize = 500;
/// How long is waited for a queue that is full, or a database that is away, and how often.
const PAUSE: Duration = Duration::from_millis(200);
const PAUSES: u32 = 50;

/// How logs are brought over.
pub(super) struct Entries<'a> {
    pub(super) layout: &'a Logs,
    pub(super) owners: &'a Owners,
    /// None where there is nothing to write into yet.
    pub(super) study: Option<&'a Study>,
    /// Of times that have none.
    pub(super) offset: Option<&'a str>,
    pub(super) dry_run: bool,
    /// What the study traces, if it says so already.
    pub(super) codebook: Option<&'a InForce>,
    pub(super) place: &'a Workplace,
    pub(super) limits: &'a Limits,
}

/// A log of the old database, written as an entry.
struct Log {
    row: u64,
    id: String,
    whose: Whose,
    written: Written,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Whose {
    Player(Option<Pseudonym>),
    TakenOut,
    /// Of nobody who has an account, as it stands in the old database.
    Nobody(String),
}

/// The codebook by which logs are checked.
pub(super) struct InForce {
    version: CodebookVersion,
    checker: Checker,
}

impl InForce {
    /// The study's, if it has one.
    pub(super) fn of(study: &Study, place: &Workplace) -> Result<Option<Self>, CommandError> {
        let Some(version) = study.codebook else {
            return Ok(None);
        };
        let stored = place.ports.codebooks.codebook(study.id, version)?;
        let codebook = stored.map(|stored| Codebook::read(&stored.text, stored.summary.format));
        match codebook {
            Some(Ok(codebook)) => Ok(Some(Self {
                version,
                checker: Checker::new(&codebook),
            })),
            _ => Err(StoreError::Damaged(format!("codebook {version}")).into()),
        }
    }
}

/// What is to be done with a log.
enum Plan {
    Arrives(Box<Arrival>),
    Told(Fate),
}

impl Entries<'_> {
    pub(super) fn bring(
        &self,
        old: &mut dyn ForeignDatabase,
        report: &mut Report,
    ) -> Result<(), Broken> {
        let progress = bar("logs", self.layout.rows);
        let columns = self.columns();
        let mut batch = Vec::with_capacity(BATCH);
        let mut failed = None;
        let mut row = 0;
        old.rows(
            &self.layout.table,
            &columns,
            Some(&self.layout.id),
            &mut |cells| {
                row += 1;
                batch.push(self.log(row, &cells));
                progress.inc(1);
                if batch.len() < BATCH {
                    return ControlFlow::Continue(());
                }
                match self.take(&std::mem::take(&mut batch), report) {
                    Ok(()) => ControlFlow::Continue(()),
                    Err(error) => {
                        failed = Some(error);
                        ControlFlow::Break(())
                    }
                }
            },
        )?;
        let done = match failed {
            Some(error) => Err(error),
            None => self.take(&batch, report),
        };
        progress.finish_and_clear();
        Ok(done?)
    }

    fn columns(&self) -> Vec<&str> {
        let Logs {
            id,
            owner,
            time,
            action,
            sequence,
            others,
            ..
        } = self.layout;
        let mut columns = vec![&**id, &**owner, &**time, &**action];
        columns.extend(sequence.as_deref());
        columns.extend(others.iter().map(|name| &**name));
        columns
    }

    fn log(&self, row: u64, cells: &[Cell]) -> Log {
        let [id, owner] = [0, 1].map(|n| cells.get(n).unwrap_or(&Cell::Null));
        let whose = match number(owner) {
            Some(number) => match self.owners.of(number) {
                Some(Owner::Player(pseudonym)) => Whose::Player(pseudonym),
                Some(Owner::TakenOut) => Whose::TakenOut,
                None => Whose::Nobody(shown(owner)),
            },
            None => Whose::Nobody(shown(owner)),
        };
        Log {
            row,
            id: shown(id),
            whose,
            written: text::write(cells, self.layout, self.offset),
        }
    }

    /// Brings these over, and says what became of each.
    fn take(&self, logs: &[Log], report: &mut Report) -> Result<(), CommandError> {
        let parsed = self.parse(logs);
        let mut plans = Vec::with_capacity(logs.len());
        let mut reasons = Vec::with_capacity(logs.len());
        for (log, entry) in logs.iter().zip(parsed) {
            let mut faults = faults(log, entry.as_ref().err());
            if let (Some(codebook), Ok(content)) = (self.codebook, &entry) {
                faults.extend(codebook.checker.check(content));
            }
            report.without_offset += u64::from(faults.iter().any(|f| lacks_offset(&f.kind)));
            reasons.push(reason(log, &faults));
            plans.push(self.plan(log, entry, faults)?);
        }
        let fates = self.carry_out(logs, plans)?;
        for ((log, fate), reason) in logs.iter().zip(fates).zip(reasons) {
            report.log(&Line {
                table: &self.layout.table,
                row: log.row,
                id: &log.id,
                username: None,
                outcome: fate,
                reason: &reason,
            })?;
        }
        Ok(())
    }

    fn parse(&self, logs: &[Log]) -> Vec<Result<Draft, Misfit>> {
        let limits = Limits {
            entries: BATCH,
            ..*self.limits
        };
        let each = |log: &Log| {
            let text = log.written.text.as_bytes();
            match parse(text, Form::Json, &limits) {
                Ok(Body::One(parsed)) => parsed.entry,
                // The text was put together by this program: it is one object, with each member once.
                _ => Err(Misfit {
                    id: Some(log.written.entry_id),
                    text: log.written.text.as_str().into(),
                    faults: vec![Fault::at("", FaultKind::Missing)],
                }),
            }
        };
        logs.iter().map(each).collect()
    }

    fn plan(
        &self,
        log: &Log,
        entry: Result<Draft, Misfit>,
        faults: Vec<Fault>,
    ) -> Result<Plan, CommandError> {
        let id = log.written.entry_id;
        let (study, player) = match (self.study, &log.whose) {
            (_, Whose::TakenOut) => return Ok(Plan::Told(Fate::TakenOut)),
            (Some(study), Whose::Player(player)) => (study, *player),
            (Some(study), Whose::Nobody(named)) => (study, self.owners.nobody(named)),
            (None, _) if faults.is_empty() => return Ok(Plan::Told(Fate::Accepted)),
            (None, _) => return Ok(Plan::Told(Fate::Quarantined)),
        };
        match (entry, player) {
            (Ok(content), Some(pseudonym)) if faults.is_empty() => {
                if self.dry_run {
                    return self.foresee(pseudonym, id, &content).map(Plan::Told);
                }
                Ok(Plan::Arrives(Box::new(Arrival::Entry(NewEntry {
                    study: study.id,
                    pseudonym,
                    id,
                    content,
                    codebook: self.codebook.map(|codebook| codebook.version),
                }))))
            }
            // The account is yet to be made, and nothing is stored of it.
            (Ok(_), None) if faults.is_empty() => Ok(Plan::Told(Fate::Accepted)),
            _ if self.dry_run => Ok(Plan::Told(Fate::Quarantined)),
            (entry, _) => {
                let action = match &entry {
                    Ok(content) => Some(content.action.clone()),
                    Err(misfit) => misfit.action(),
                };
                let arrival = misfit(study, player, log, action, faults);
                Ok(Plan::Arrives(Box::new(arrival)))
            }
        }
    }

    /// What would become of an entry.
    fn foresee(
        &self,
        pseudonym: Pseudonym,
        id: EntryId,
        content: &Draft,
    ) -> Result<Fate, CommandError> {
        let known = self.place.ports.logs.entry_by_id(pseudonym, id)?;
        Ok(match known {
            None => Fate::Accepted,
            Some(known) if known.has_content(content) => Fate::Duplicate,
            Some(_) => Fate::Conflict,
        })
    }

    fn carry_out(&self, logs: &[Log], plans: Vec<Plan>) -> Result<Vec<Fate>, CommandError> {
        let mut arrivals = Vec::new();
        let mut fates = Vec::with_capacity(plans.len());
        let mut waiting = Vec::new();
        for (n, plan) in plans.into_iter().enumerate() {
            match plan {
                Plan::Told(fate) => fates.push(fate),
                Plan::Arrives(arrival) => {
                    fates.push(Fate::Refused);
                    waiting.push(n);
                    arrivals.push(*arrival);
                }
            }
        }
        let owners: Vec<_> = arrivals.iter().map(pseudonym_of).collect();
        let outcomes = self.submit(arrivals)?;
        let mut conflicts = Vec::new();
        for ((n, outcome), owner) in waiting.into_iter().zip(outcomes).zip(owners) {
            fates[n] = match outcome {
                Outcome::Accepted(_) => Fate::Accepted,
                Outcome::Duplicate(_) => Fate::Duplicate,
                Outcome::Quarantined(_) => Fate::Quarantined,
                Outcome::Erased => Fate::Refused,
                Outcome::Conflict | Outcome::Withheld | Outcome::Gone => Fate::Conflict,
            };
            if let (Fate::Conflict, Some(study)) = (fates[n], self.study) {
                let fault = Fault::at("id", FaultKind::Conflict);
                conflicts.push(misfit(study, owner, &logs[n], None, vec![fault]));
            }
        }
        self.submit(conflicts)?;
        Ok(fates)
    }

    /// Gives them to the writer, and waits until they are durable.
    fn submit(&self, arrivals: Vec<Arrival>) -> Result<Vec<Outcome>, CommandError> {
        if arrivals.is_empty() {
            return Ok(Vec::new());
        }
        let submission = Submission {
            arrivals: arrivals.into(),
            received_at: self.place.now,
            strict: false,
        };
        let mut pauses = 0;
        loop {
            let submitted = self.place.ports.writer.submit(submission.clone());
            match futures_executor::block_on(submitted) {
                // Sent again, what was stored is a duplicate.
                Err(StoreError::Overloaded | StoreError::Away(_)) if pauses < PAUSES => {
                    pauses += 1;
                    std::thread::sleep(PAUSE);
                }
                done => return Ok(done?),
            }
        }
    }
}

fn pseudonym_of(arrival: &Arrival) -> Option<Pseudonym> {
    match arrival {
        Arrival::Entry(entry) => Some(entry.pseudonym),
        Arrival::Misfit(new) => new.pseudonym,
        Arrival::Release(_) => None,
    }
}

fn misfit(
    study: &Study,
    pseudonym: Option<Pseudonym>,
    log: &Log,
    action: Option<ActionName>,
    faults: Vec<Fault>,
) -> Arrival {
    Arrival::Misfit(NewMisfit {
        study: study.id,
        pseudonym,
        action,
        codebook: None,
        misfit: Misfit {
            id: Some(log.written.entry_id),
            text: log.written.text.as_str().into(),
            faults,
        },
    })
}

/// Everything that is wrong with a log.
fn faults(log: &Log, misfit: Option<&Misfit>) -> Vec<Fault> {
    let mut faults = misfit.map_or_else(Vec::new, |misfit| misfit.faults.clone());
    match &log.whose {
        Whose::Nobody(named) if named.is_empty() => {
            faults.push(Fault::at("participant", FaultKind::ParticipantMissing));
        }
        Whose::Nobody(_) => faults.push(Fault::at("participant", FaultKind::UnknownParticipant)),
        Whose::Player(_) | Whose::TakenOut => {}
    }
    faults
}

fn lacks_offset(kind: &FaultKind) -> bool {
    matches!(
        kind,
        FaultKind::Time {
            error: TimeError::NoOffset
        }
    )
}

/// What the report says of a log.
fn reason(log: &Log, faults: &[Fault]) -> String {
    let mut parts: Vec<String> = match log.whose {
        Whose::TakenOut => vec!["its user was taken out after an earlier import".to_owned()],
        _ => faults.iter().map(described).collect(),
    };
    parts.extend(log.written.notes.iter().cloned());
    parts.join("; ")
}

fn described(fault: &Fault) -> String {
    let what = match &fault.kind {
        FaultKind::Missing => "is missing".to_owned(),
        FaultKind::WrongType { .. } => "is of another type".to_owned(),
        FaultKind::Time { error } => error.to_string(),
        FaultKind::Name { error } => error.to_string(),
        FaultKind::SequenceOutOfRange => "is out of range".to_owned(),
        FaultKind::PayloadTooLarge { max } => format!("is larger than {max} bytes"),
        FaultKind::NulCharacter => "has a NUL character".to_owned(),
        FaultKind::ParticipantMissing => return "it names no user".to_owned(),
        FaultKind::UnknownParticipant => return "its user has no account here".to_owned(),
        other => serde_json::to_value(other)
            .ok()
            .and_then(|value| value["kind"].as_str().map(|word| word.replace('_', " ")))
            .unwrap_or_else(|| "does not fit".to_owned()),
    };
    match fault.pointer.strip_prefix('/') {
        Some(member) => format!("{member}: {what}"),
        None => what,
    }
}
