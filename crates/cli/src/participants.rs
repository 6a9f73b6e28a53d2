//! `sillage participants`: accounts to hand out on paper.

use crate::progress::bar;
use crate::{
    AccountsFormat, CommandError, Output, ParticipantsCommand, ParticipantsGenerate, Workplace,
};
use indicatif::ProgressBar;
use serde::Serialize;
use sillage_auth::{Passwords, Secret, generate};
use sillage_domain::{
    Account, NewAccount, PasswordHash, StoreError, Study, SubjectId, Username, usernames,
};
use sillage_pseudonym::random_bytes;
use std::thread;

/// How often other names are tried when somebody else takes them at the same time.
const TRIES: usize = 5;

/// An account as it is printed, this once.
#[derive(Serialize)]
struct Printed<'a> {
    username: &'a Username,
    password: &'a str,
    number: Option<i64>,
}

#[derive(Serialize)]
struct List<'a> {
    participants: &'a [Printed<'a>],
}

/// Does what the command says.
///
/// # Errors
///
/// [`CommandError::NoSuchStudy`]; [`CommandError::Prefix`] for one that can't begin a username; those of the store.
pub fn run(
    command: &ParticipantsCommand,
    place: &Workplace,
    output: &mut Output<'_>,
) -> Result<(), CommandError> {
    let ParticipantsCommand::Generate(wanted) = command;
    let study = place.study(wanted.study.slug()?)?;
    let prefix = wanted.prefix.as_deref().unwrap_or(study.slug.as_str());
    // Names are tried before the passwords are hashed, which takes longer.
    names(place, prefix, wanted)?;
    let passwords = hashed(place, wanted.count)?;
    let accounts = enrol(place, &study, prefix, wanted, &passwords)?;
    print(&accounts, &passwords, wanted.format, output)
}

fn names(
    place: &Workplace,
    prefix: &str,
    wanted: &ParticipantsGenerate,
) -> Result<Vec<Username>, CommandError> {
    let taken = place
        .ports
        .accounts
        .usernames_with_prefix(&prefix.to_lowercase())?;
    usernames(prefix, wanted.count as usize, &taken).map_err(|source| CommandError::Prefix {
        prefix: prefix.to_owned(),
        source,
    })
}

fn enrol(
    place: &Workplace,
    study: &Study,
    prefix: &str,
    wanted: &ParticipantsGenerate,
    passwords: &[(Secret, PasswordHash)],
) -> Result<Vec<Account>, CommandError> {
    let mut tries = 1;
    loop {
        let mut new = Vec::with_capacity(passwords.len());
        for (username, (_, hash)) in names(place, prefix, wanted)?.into_iter().zip(passwords) {
            new.push(NewAccount {
                subject: SubjectId::new(random_bytes()?),
                username,
                password_hash: hash.clone(),
            });
        }
        match place.ports.accounts.enrol(study.id, &new, place.now) {
            Err(StoreError::NameTaken(_)) if tries < TRIES => tries += 1,
            enrolled => return Ok(enrolled?),
        }
    }
}

/// Passwords with their hashes, made on all cores.
fn hashed(place: &Workplace, count: u64) -> Result<Vec<(Secret, PasswordHash)>, CommandError> {
    let hasher = Passwords::new(place.generated_cost)?;
    let progress = bar("passwords", count);
    let threads = thread::available_parallelism()
        .map_or(1, |n| n.get() as u64)
        .min(count);
    let shares = (0..threads).map(|n| count / threads + u64::from(n < count % threads));
    let (hasher, shown) = (&hasher, &progress);
    let results: Vec<_> = thread::scope(|scope| {
        let workers: Vec<_> = shares
            .map(|share| scope.spawn(move || one_share(hasher, share, shown)))
            .collect();
        workers
            .into_iter()
            .map(thread::ScopedJoinHandle::join)
            .collect()
    });
    progress.finish_and_clear();
    let mut all = Vec::with_capacity(count as usize);
    for result in results {
        match result {
            Ok(share) => all.extend(share?),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    }
    Ok(all)
}

fn one_share(
    hasher: &Passwords,
    count: u64,
    progress: &ProgressBar,
) -> Result<Vec<(Secret, PasswordHash)>, CommandError> {
    (0..count)
        .map(|_| {
            let password = generate()?;
            let hash = hasher.hash(&password)?;
            progress.inc(1);
            Ok((password, hash))
        })
        .collect()
}

fn print(
    accounts: &[Account],
    passwords: &[(Secret, PasswordHash)],
    format: AccountsFormat,
    output: &mut Output<'_>,
) -> Result<(), CommandError> {
    let printed: Vec<_> = accounts
        .iter()
        .zip(passwords)
        .map(|(account, (password, _))| Printed {
            username: &account.username,
            password: password.expose(),
            number: account.enrolment.map(|enrolment| enrolment.number.0),
        })
        .collect();
    if output.is_json() || format == AccountsFormat::Json {
        Output::new(output.raw(), true).value(&List {
            participants: &printed,
        })?;
        return Ok(());
    }
    let mut csv = csv::Writer::from_writer(output.raw());
    let rows = printed
        .iter()
        .map(|account| [account.username.as_str(), account.password]);
    for row in std::iter::once(["username", "password"]).chain(rows) {
        csv.write_record(row).map_err(std::io::Error::from)?;
    }
    csv.flush()?;
    Ok(())
}
