//! `sillage participants`: accounts to hand out on paper, looked after, and deleted.

mod from_file;
mod manage;

#[cfg(feature = "sheets")]
use crate::Language;
use crate::progress::bar;
use crate::{
    AccountsFormat, CommandError, HandOut, Output, ParticipantsCommand, ParticipantsGenerate,
    Workplace,
};
use indicatif::ProgressBar;
use serde::Serialize;
use sillage_auth::{Passwords, Secret, generate};
use sillage_domain::{
    Account, NewAccount, PasswordHash, PasswordOrigin, StoreError, Study, SubjectId, Username,
    Vault, usernames,
};
#[cfg(feature = "sheets")]
use sillage_export::{Card, Sheet, SheetLanguage};
use sillage_pseudonym::{RootKey, random_bytes};
use std::io::BufRead;
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

/// What commands about participants need besides a store.
pub struct Means<'a> {
    /// Pseudonyms are computed from it.
    pub root_key: &'a RootKey,
    /// Where identities lie.
    pub vault: &'a Vault,
    /// Whether content is erased on a database that keeps the bytes in its files for some time.
    pub allow_unscrubbed: bool,
    /// Where clients reach the server: stands on sheets that name no other place to play.
    pub address: &'a str,
    /// Where somebody can be asked, if there is a terminal.
    pub terminal: Option<&'a mut dyn BufRead>,
}

/// Does what the command says.
///
/// # Errors
///
/// [`CommandError::NoSuchStudy`]; [`CommandError::NoSuchParticipant`], before anything is changed; [`CommandError::Prefix`] for
/// one that can't begin a username; [`CommandError::Participants`] for a list with faults, after they were printed; [`CommandError::Usage`] for a deletion that nobody says yes to; those of the store.
pub fn run(
    command: &ParticipantsCommand,
    place: &Workplace,
    means: &mut Means<'_>,
    output: &mut Output<'_>,
) -> Result<(), CommandError> {
    match command {
        ParticipantsCommand::List(wanted) => manage::list(wanted, place, output),
        ParticipantsCommand::Generate(wanted) => generate_all(wanted, place, means, output),
        ParticipantsCommand::Import(wanted) => from_file::import(wanted, place, means, output),
        ParticipantsCommand::Reset(wanted) => manage::reset(wanted, place, means, output),
        ParticipantsCommand::Deactivate(named) => manage::set_active(named, false, place, output),
        ParticipantsCommand::Activate(named) => manage::set_active(named, true, place, output),
        ParticipantsCommand::Delete(wanted) => manage::delete(wanted, place, means, output),
    }
}

fn generate_all(
    wanted: &ParticipantsGenerate,
    place: &Workplace,
    means: &Means<'_>,
    output: &mut Output<'_>,
) -> Result<(), CommandError> {
    let study = place.study(wanted.study.slug()?)?;
    let prefix = wanted.prefix.as_deref().unwrap_or(study.slug.as_str());
    // Names are tried before the passwords are hashed, which takes longer.
    names(place, prefix, wanted)?;
    let passwords = hashed(place, wanted.count)?;
    let accounts = enrol(place, &study, prefix, wanted, &passwords)?;
    let sheet = Handed {
        study: Some(&study),
        accounts: &accounts,
        passwords: &passwords,
    };
    sheet.print(&wanted.print, means, output)
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
    let hasher = place.passwords(PasswordOrigin::Generated)?;
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

/// Accounts with their passwords.
struct Handed<'a> {
    /// That the first plays in.
    study: Option<&'a Study>,
    accounts: &'a [Account],
    passwords: &'a [(Secret, PasswordHash)],
}

impl Handed<'_> {
    fn print(
        &self,
        how: &HandOut,
        means: &Means<'_>,
        output: &mut Output<'_>,
    ) -> Result<(), CommandError> {
        let printed: Vec<_> = self
            .accounts
            .iter()
            .zip(self.passwords)
            .map(|(account, (password, _))| Printed {
                username: &account.username,
                password: password.expose(),
                number: account.enrolment.map(|enrolment| enrolment.number.0),
            })
            .collect();
        match how.format {
            _ if output.is_json() => self::json(&printed, output),
            AccountsFormat::Json => self::json(&printed, output),
            AccountsFormat::Csv => self::csv(&printed, output),
            #[cfg(feature = "sheets")]
            AccountsFormat::Html => {
                let of_study = self.study.and_then(|study| study.game_url.as_deref());
                let address = how.address.as_deref().or(of_study);
                let address = address.unwrap_or(means.address);
                self.sheet(&printed, address, how.language, output)
            }
        }
    }

    #[cfg(feature = "sheets")]
    fn sheet(
        &self,
        printed: &[Printed<'_>],
        address: &str,
        language: Language,
        output: &mut Output<'_>,
    ) -> Result<(), CommandError> {
        let cards: Vec<_> = printed
            .iter()
            .map(|one| Card {
                username: one.username.as_str(),
                password: Some(one.password),
            })
            .collect();
        let sheet = Sheet {
            title: self.study.map_or("", |study| &study.title),
            address,
            cards: &cards,
            language: match language {
                Language::En => SheetLanguage::English,
                Language::Fr => SheetLanguage::French,
            },
        };
        Ok(output.raw().write_all(sheet.html().as_bytes())?)
    }
}

fn json(printed: &[Printed<'_>], output: &mut Output<'_>) -> Result<(), CommandError> {
    let list = List {
        participants: printed,
    };
    Ok(Output::new(output.raw(), true).value(&list)?)
}

fn csv(printed: &[Printed<'_>], output: &mut Output<'_>) -> Result<(), CommandError> {
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
