//! Accounts that there are: listed, changed, deleted.

use super::{Handed, Means};
use crate::{
    CommandError, Output, ParticipantsDelete, ParticipantsList, ParticipantsNamed,
    ParticipantsReset, Workplace,
};
use serde::Serialize;
use sillage_auth::generate;
use sillage_domain::{
    Account, AccountChange, ConsentCode, Erasure, PageRequest, PasswordOrigin, Removal, Study,
    Timestamp, Traces, Username,
};
use std::num::{NonZeroU32, NonZeroU64};
use std::time::Duration;

/// How many accounts are read at once.
const PAGE: NonZeroU32 = NonZeroU32::new(1000).unwrap();
/// How long the command itself erases of one account; a server on the database goes on with what is left.
const PATIENCE: Duration = Duration::from_secs(600);

/// An account as it is listed. Never its pseudonym.
#[derive(Serialize)]
struct Listed {
    username: Username,
    number: Option<i64>,
    active: bool,
    created_at: Timestamp,
}

impl Listed {
    fn of(account: &Account) -> Self {
        Self {
            username: account.username.clone(),
            number: account.enrolment.map(|enrolment| enrolment.number.0),
            active: account.active,
            created_at: account.created_at,
        }
    }
}

#[derive(Serialize)]
struct All {
    participants: Vec<Listed>,
}

/// What was deleted, or would be.
#[derive(Serialize)]
struct Deleted<'a> {
    participants: Vec<&'a Username>,
    mode: Removal,
    dry_run: bool,
    /// Whether a server has still to go on with it.
    continues: bool,
    /// What there was of all of them together, or is.
    counts: Counts,
    /// Why the database keeps the bytes for some time, where it does.
    bytes_stay: Option<String>,
}

/// What goes with accounts, or loses its link.
#[derive(Serialize, Default)]
struct Counts {
    accounts: u64,
    log_ins: u64,
    entries: u64,
    quarantined_texts: u64,
}

pub(super) fn list(
    wanted: &ParticipantsList,
    place: &Workplace,
    output: &mut Output<'_>,
) -> Result<(), CommandError> {
    let study = place.study(wanted.study.slug()?)?;
    let mut participants = Vec::new();
    let mut page = NonZeroU64::MIN;
    loop {
        let request = PageRequest { page, size: PAGE };
        let found =
            place
                .ports
                .accounts
                .participants(study.id, wanted.search.as_deref(), &request)?;
        participants.extend(found.items.iter().map(Listed::of));
        if (found.items.len() as u64) < u64::from(PAGE.get()) {
            break;
        }
        page = page.saturating_add(1);
    }
    show(All { participants }, output)
}

pub(super) fn reset(
    wanted: &ParticipantsReset,
    place: &Workplace,
    means: &Means<'_>,
    output: &mut Output<'_>,
) -> Result<(), CommandError> {
    let accounts = find(&wanted.named, place)?;
    let study = study(&accounts, place)?;
    let hasher = place.passwords(PasswordOrigin::Generated)?;
    let mut passwords = Vec::with_capacity(accounts.len());
    for account in &accounts {
        let password = generate()?;
        let hash = hasher.hash(&password)?;
        let change = AccountChange {
            password_hash: Some(hash.clone()),
            ..AccountChange::default()
        };
        place
            .ports
            .accounts
            .change_account(account.id, &change, None)?;
        passwords.push((password, hash));
    }
    let handed = Handed {
        study: study.as_ref(),
        accounts: &accounts,
        passwords: &passwords,
    };
    handed.print(&wanted.print, means, output)
}

pub(super) fn set_active(
    named: &ParticipantsNamed,
    active: bool,
    place: &Workplace,
    output: &mut Output<'_>,
) -> Result<(), CommandError> {
    let mut accounts = find(named, place)?;
    let change = AccountChange {
        active: Some(active),
        ..AccountChange::default()
    };
    for account in &mut accounts {
        place
            .ports
            .accounts
            .change_account(account.id, &change, None)?;
        account.active = active;
    }
    let participants = accounts.iter().map(Listed::of).collect();
    show(All { participants }, output)
}

pub(super) fn delete(
    wanted: &ParticipantsDelete,
    place: &Workplace,
    means: &mut Means<'_>,
    output: &mut Output<'_>,
) -> Result<(), CommandError> {
    let accounts = find(&wanted.named, place)?;
    let bytes_stay = place.ports.erasure.bytes_stay()?;
    if let (Removal::Erase, false, Some(why), false) = (
        wanted.mode,
        wanted.dry_run,
        &bytes_stay,
        means.allow_unscrubbed,
    ) {
        return Err(CommandError::BytesStay(why.clone()));
    }
    let mut counts = Counts::default();
    for account in &accounts {
        let traces = left(account, place, means)?.map(|(traces, _)| traces);
        let held = place.ports.erasure.belongings(account.id, traces)?;
        counts.accounts += 1;
        counts.log_ins += held.log_ins;
        counts.entries += held.entries;
        counts.quarantined_texts += held.quarantined;
    }
    if !wanted.dry_run && !wanted.yes {
        ask(accounts.len(), wanted.mode, means)?;
    }
    let mut continues = false;
    for account in accounts.iter().filter(|_| !wanted.dry_run) {
        continues |= remove(account, wanted.mode, place, means)? == Erasure::Continues;
    }
    let done = match (wanted.dry_run, wanted.mode) {
        (true, Removal::Anonymise) => {
            "would be deleted; what it did would stay, without a link to it"
        }
        (true, Removal::Erase) => "would be deleted, with the content of what it did",
        (false, Removal::Anonymise) => "deleted; what it did stays, without a link to it",
        (false, Removal::Erase) => "deleted, with the content of what it did",
    };
    for account in &accounts {
        output.line(format_args!("{} {done}", account.username))?;
    }
    if wanted.dry_run {
        output.line(format_args!(
            "{} account(s), {} log-in(s), {} entries, {} text(s) in quarantine",
            counts.accounts, counts.log_ins, counts.entries, counts.quarantined_texts
        ))?;
        if let Some(why) = &bytes_stay {
            output.line(format_args!(
                "the database would keep the bytes in its files for some time: {why}"
            ))?;
        }
    }
    output.value(&Deleted {
        participants: accounts.iter().map(|account| &account.username).collect(),
        mode: wanted.mode,
        dry_run: wanted.dry_run,
        continues,
        counts,
        bytes_stay,
    })?;
    Ok(())
}

/// What the account left in its study, and the code of its consents.
fn left(
    account: &Account,
    place: &Workplace,
    means: &Means<'_>,
) -> Result<Option<(Traces, ConsentCode)>, CommandError> {
    let Some(enrolment) = account.enrolment else {
        return Ok(None);
    };
    let study = place.ports.studies.study(enrolment.study)?;
    Ok(study.map(|study| {
        let key = means.root_key.study_key(study.salt.as_bytes());
        let traces = Traces {
            study: study.id,
            pseudonym: key.pseudonym(account.subject.as_bytes()),
        };
        let code = key.consent_code(account.subject.as_bytes());
        (traces, ConsentCode::new(code))
    }))
}

fn remove(
    account: &Account,
    mode: Removal,
    place: &Workplace,
    means: &Means<'_>,
) -> Result<Erasure, CommandError> {
    let erasure = &place.ports.erasure;
    let left = left(account, place, means)?;
    if let Some((traces, code)) = &left {
        place.ports.forget_words(*traces, code)?;
    }
    Ok(match (mode, left) {
        (Removal::Erase, Some((traces, _))) => {
            erasure.erase(account.id, &[traces], place.now, PATIENCE)?
        }
        _ => erasure.unlink(account.id)?,
    })
}

/// Goes on only if somebody says yes.
fn ask(count: usize, mode: Removal, means: &mut Means<'_>) -> Result<(), CommandError> {
    let Some(terminal) = means.terminal.as_mut() else {
        return Err(CommandError::Usage(
            "there is nobody to ask: say --yes to delete".into(),
        ));
    };
    eprint!("{mode} {count} participant(s)? This can't be undone. Type yes: ");
    let mut said = String::new();
    terminal.read_line(&mut said)?;
    if said.trim() == "yes" {
        Ok(())
    } else {
        Err(CommandError::Usage("nothing was deleted".into()))
    }
}

/// The accounts of these names, all of them participants, or none.
fn find(named: &ParticipantsNamed, place: &Workplace) -> Result<Vec<Account>, CommandError> {
    let study = match &named.study {
        Some(slug) => Some(place.study(slug)?.id),
        None => None,
    };
    let mut found: Vec<Account> = Vec::with_capacity(named.usernames.len());
    for username in &named.usernames {
        let account = place.ports.accounts.account_by_username(username)?;
        let account = account.filter(|account| {
            account
                .enrolment
                .is_some_and(|enrolment| study.is_none_or(|study| study == enrolment.study))
        });
        let account = account.ok_or_else(|| CommandError::NoSuchParticipant(username.clone()))?;
        if found.iter().all(|known| known.id != account.id) {
            found.push(account);
        }
    }
    Ok(found)
}

/// The study that the first plays in.
fn study(accounts: &[Account], place: &Workplace) -> Result<Option<Study>, CommandError> {
    let enrolment = accounts.first().and_then(|account| account.enrolment);
    Ok(match enrolment {
        Some(enrolment) => place.ports.studies.study(enrolment.study)?,
        None => None,
    })
}

fn show(all: All, output: &mut Output<'_>) -> Result<(), CommandError> {
    for one in &all.participants {
        let number = one
            .number
            .map_or_else(String::new, |number| number.to_string());
        let state = if one.active { "active" } else { "inactive" };
        output.line(format_args!("{}\t{number}\t{state}", one.username))?;
    }
    Ok(output.value(&all)?)
}
