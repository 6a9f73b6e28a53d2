//! The users of the old database: who comes over, and under which pseudonym each plays.

use super::layout::Users;
use super::report::{Fate, Line, Report};
use super::{Broken, ImportMeans};
use crate::{CommandError, Workplace};
use sha2::{Digest, Sha256};
use sillage_auth::{generate, rounds_of};
use sillage_domain::{
    Cell, ForeignDatabase, Move, NewAccount, OldParticipant, PageRequest, ParticipantNumber,
    PasswordHash, PasswordOrigin, Pseudonym, Standing, Study, SubjectId, Username,
};
use sillage_pseudonym::{StudyKey, random_bytes};
use std::collections::{HashMap, HashSet};
use std::num::{NonZeroU32, NonZeroU64};
use std::ops::ControlFlow;

const PAGE: NonZeroU32 = NonZeroU32::new(1000).unwrap();
const NO_SUCH_NUMBER: &str = "its id is no number from 1 on";

/// A row of the old table.
struct Row {
    id: String,
    username: String,
    /// Where there is a number, whoever comes under it.
    comes: Option<OldParticipant>,
    /// Why no account can be made, or what is to be noted.
    reason: String,
}

/// Whose a log of the old database is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner {
    /// A participant's; without a pseudonym where the account is yet to be made.
    Player(Option<Pseudonym>),
    /// Of somebody who was taken out.
    TakenOut,
}

/// Whose the logs of the old database are.
pub(super) struct Owners {
    by_number: HashMap<i64, Owner>,
    key: Option<StudyKey>,
}

impl Owners {
    pub(super) fn of(&self, number: i64) -> Option<Owner> {
        self.by_number.get(&number).copied()
    }

    /// What stands for somebody who has no account: the same code for all that is theirs, so that each text is kept once.
    pub(super) fn nobody(&self, named: &str) -> Option<Pseudonym> {
        let digest = Sha256::digest(format!(
            "a user of the old database without an account: {named}"
        ));
        let mut subject = [0; 16];
        subject.copy_from_slice(&digest[..16]);
        self.key.as_ref().map(|key| key.pseudonym(&subject))
    }
}

/// The users of the old database, in its order.
pub(super) struct People<'a> {
    table: &'a str,
    rows: Vec<Row>,
}

impl<'a> People<'a> {
    pub(super) fn read(
        old: &mut dyn ForeignDatabase,
        users: &'a Users,
        place: &Workplace,
    ) -> Result<Self, Broken> {
        let mut columns = vec![&*users.id, &*users.username, &*users.password];
        columns.extend(users.role.as_deref());
        let unknown = place.passwords(PasswordOrigin::Generated)?;
        let secret = generate().map_err(CommandError::from)?;
        // Nobody knows it, so it is as good for all who need another one.
        let unknown = unknown.hash(&secret).map_err(CommandError::from)?;
        let is_flag = users
            .role
            .as_ref()
            .is_some_and(|role| role.to_lowercase().contains("admin"));
        let mut rows = Vec::new();
        let mut failed = None;
        let mut numbers = HashSet::new();
        old.rows(
            &users.table,
            &columns,
            Some(&users.id),
            &mut |cells| match row(&cells, is_flag, &unknown, &mut numbers) {
                Ok(row) => {
                    rows.push(row);
                    ControlFlow::Continue(())
                }
                Err(error) => {
                    failed = Some(error);
                    ControlFlow::Break(())
                }
            },
        )?;
        match failed {
            Some(error) => Err(error.into()),
            None => Ok(Self {
                table: &users.table,
                rows,
            }),
        }
    }

    /// Makes the accounts, all at once, and says whose the logs are.
    pub(super) fn move_in(
        self,
        study: Option<&Study>,
        dry_run: bool,
        place: &Workplace,
        means: &ImportMeans<'_>,
        report: &mut Report,
    ) -> Result<Owners, CommandError> {
        let coming: Vec<_> = self
            .rows
            .iter()
            .filter_map(|row| row.comes.clone())
            .collect();
        let moves = match study {
            Some(study) => place
                .ports
                .moving
                .move_in(study.id, &coming, dry_run, place.now)?,
            None => foresee(&coming, place)?,
        };
        let mut moves = moves.into_iter();
        let mut by_number = HashMap::new();
        for (n, row) in (1..).zip(&self.rows) {
            let moved = row.comes.as_ref().and_then(|_| moves.next());
            let (outcome, why) = told(moved);
            let reason = match (why, row.reason.as_str()) {
                (None, noted) => noted.to_owned(),
                (Some(why), "") => why.to_owned(),
                (Some(why), noted) => format!("{why}; {noted}"),
            };
            report.user(&Line {
                table: self.table,
                row: n,
                id: &row.id,
                username: Some(&row.username),
                outcome,
                reason: &reason,
            })?;
            let owner = match moved {
                Some(Move::Made | Move::Known) => Some(Owner::Player(None)),
                Some(Move::TakenOut) => Some(Owner::TakenOut),
                _ => None,
            };
            if let (Some(owner), Some(person)) = (owner, &row.comes) {
                by_number.insert(person.number.0, owner);
            }
        }
        let key = study.map(|study| means.root_key.study_key(study.salt.as_bytes()));
        if let (Some(study), Some(key)) = (study, &key) {
            find_pseudonyms(study, key, place, &mut by_number)?;
        }
        Ok(Owners { by_number, key })
    }
}

/// What would become of those who come into a study that is not there yet.
fn foresee(coming: &[OldParticipant], place: &Workplace) -> Result<Vec<Move>, CommandError> {
    let mut seen: HashSet<&Username> = HashSet::new();
    let mut moves = Vec::with_capacity(coming.len());
    for person in coming {
        let name = person.account.as_ref().map(|new| &new.username);
        let name_taken = match name {
            Some(name) => {
                seen.contains(name) || place.ports.accounts.account_by_username(name)?.is_some()
            }
            None => false,
        };
        let standing = Standing {
            name_taken,
            ..Standing::default()
        };
        let moved = Move::of(person, &standing);
        if moved == Move::Made {
            seen.extend(name);
        }
        moves.push(moved);
    }
    Ok(moves)
}

fn find_pseudonyms(
    study: &Study,
    key: &StudyKey,
    place: &Workplace,
    owners: &mut HashMap<i64, Owner>,
) -> Result<(), CommandError> {
    let mut page = NonZeroU64::MIN;
    loop {
        let request = PageRequest { page, size: PAGE };
        let found = place
            .ports
            .accounts
            .participants(study.id, None, &request)?;
        let full = found.items.len() as u64 == u64::from(PAGE.get());
        for account in found.items {
            let number = account.enrolment.map(|enrolment| enrolment.number.0);
            if let Some(Owner::Player(pseudonym)) = number.and_then(|n| owners.get_mut(&n)) {
                *pseudonym = Some(key.pseudonym(account.subject.as_bytes()));
            }
        }
        if !full {
            return Ok(());
        }
        page = page.saturating_add(1);
    }
}

fn told(moved: Option<Move>) -> (Fate, Option<&'static str>) {
    match moved {
        Some(Move::Made) => (Fate::Made, None),
        Some(Move::Known) => (Fate::Known, None),
        Some(Move::TakenOut) => (
            Fate::TakenOut,
            Some("it was taken out after an earlier import"),
        ),
        Some(Move::NumberTaken) => (
            Fate::Refused,
            Some("another participant of the study has or had this number"),
        ),
        Some(Move::NameTaken) => (
            Fate::Refused,
            Some("another account has this username (capitals do not count)"),
        ),
        _ => (Fate::Refused, None),
    }
}

fn row(
    cells: &[Cell],
    is_flag: bool,
    unknown: &PasswordHash,
    numbers: &mut HashSet<i64>,
) -> Result<Row, CommandError> {
    let [id, username, password, role] = [0, 1, 2, 3].map(|n| cells.get(n).unwrap_or(&Cell::Null));
    let (shown, name) = (shown(id), shown(username));
    let refused = |comes, reason: String| Row {
        id: shown.clone(),
        username: name.clone(),
        comes,
        reason,
    };
    let number = match number(id) {
        Some(number) if number > 0 => ParticipantNumber(number),
        _ => return Ok(refused(None, NO_SUCH_NUMBER.to_owned())),
    };
    if !numbers.insert(number.0) {
        return Ok(refused(None, "another user has this id".to_owned()));
    }
    let without = OldParticipant {
        number,
        account: None,
    };
    if runs_it(role, is_flag) {
        let reason = "it runs the old collector: make it an account with `sillage user create`";
        return Ok(refused(Some(without), reason.to_owned()));
    }
    let parsed = match name.parse::<Username>() {
        Ok(parsed) => parsed,
        Err(error) => {
            let reason = format!("its username can't be one: {error}");
            return Ok(refused(Some(without), reason));
        }
    };
    let (password_hash, reason) = match usable(password) {
        Ok(hash) => (hash, String::new()),
        Err(why) => (
            unknown.clone(),
            format!("{why}: give it another password with `sillage participants reset {parsed}`"),
        ),
    };
    let account = NewAccount {
        subject: SubjectId::new(random_bytes()?),
        username: parsed,
        password_hash,
    };
    let comes = OldParticipant {
        number,
        account: Some(account),
    };
    Ok(refused(Some(comes), reason))
}

/// The hash, as it will be compared with.
fn usable(password: &Cell) -> Result<PasswordHash, String> {
    match password {
        Cell::Null => Err("it has no password".to_owned()),
        Cell::Text(hash) => rounds_of(hash)
            .map(|_| PasswordHash::new(hash.clone()))
            .map_err(|error| error.to_string()),
        _ => Err("its password hash is no text".to_owned()),
    }
}

fn runs_it(role: &Cell, is_flag: bool) -> bool {
    match role {
        Cell::Integer(flag) => is_flag && *flag != 0,
        Cell::Text(word) => word.to_lowercase().contains("admin"),
        _ => false,
    }
}

/// A number, by its value or by its digits.
pub(super) fn number(cell: &Cell) -> Option<i64> {
    match cell {
        Cell::Integer(number) => Some(*number),
        Cell::Text(digits) => digits.trim().parse().ok(),
        _ => None,
    }
}

/// A value as the report shows it.
pub(super) fn shown(cell: &Cell) -> String {
    match cell {
        Cell::Null => String::new(),
        Cell::Integer(number) => number.to_string(),
        Cell::Real(number) => number.to_string(),
        Cell::Text(text) | Cell::Json(text) => text.clone(),
        Cell::Bytes(bytes) => String::from_utf8_lossy(bytes).into_owned(),
    }
}
