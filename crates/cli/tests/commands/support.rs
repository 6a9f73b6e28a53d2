//! A workplace, and commands typed into it.

use clap::Parser;
use sillage_auth::Cost;
use sillage_cli::participants::Means;
use sillage_cli::{
    Arguments, CodebookCommand, Command, CommandError, Output, Workplace, admin, client,
    codebook_put, export, member, notice, papers, participants, quality, requests, study, user,
};
use sillage_domain::testing::fixtures::at;
use sillage_domain::testing::{MemoryKeyPlace, MemoryStore};
use sillage_domain::{Ports, Vault};
use sillage_pseudonym::RootKey;
use std::io::BufRead;
use std::sync::Arc;

thread_local! {
    /// Of the test that runs on this thread.
    static KEYS: Arc<MemoryKeyPlace> = Arc::default();
}

/// What seals and opens the identities of a workplace.
pub(crate) fn vault(place: &Workplace) -> Vault {
    let root = RootKey::from_bytes([7; 32]).vault_root();
    Vault::new(root, place.ports.vault.clone(), KEYS.with(Arc::clone))
}

pub(crate) fn place() -> Workplace {
    let cost = Cost::new(Cost::MIN).unwrap();
    Workplace {
        ports: Ports::of(Arc::new(MemoryStore::default())),
        cost,
        generated_cost: cost,
        now: at(0),
    }
}

/// Does what the line says; gives what was printed.
pub(crate) fn try_type(place: &Workplace, line: &str) -> Result<String, CommandError> {
    try_type_with(place, line, "")
}

pub(crate) fn try_type_with(
    place: &Workplace,
    line: &str,
    input: &str,
) -> Result<String, CommandError> {
    let (printed, done) = type_all(place, line, input);
    done.map(|()| printed)
}

/// What was printed, whether it was done or not.
pub(crate) fn type_all(
    place: &Workplace,
    line: &str,
    input: &str,
) -> (String, Result<(), CommandError>) {
    let words = std::iter::once("sillage").chain(line.split(' '));
    let arguments = Arguments::try_parse_from(words).unwrap_or_else(|error| panic!("{error}"));
    let mut printed = Vec::new();
    let done = do_it(place, &arguments, input, &mut printed);
    (String::from_utf8(printed).unwrap(), done)
}

fn do_it(
    place: &Workplace,
    arguments: &Arguments,
    input: &str,
    printed: &mut Vec<u8>,
) -> Result<(), CommandError> {
    let output = &mut Output::new(printed, arguments.json);
    match &arguments.command {
        Command::Study(command) => study::run(command, place, output),
        Command::Participants(command) => {
            let mut typed = input.as_bytes();
            let root = RootKey::from_bytes([7; 32]);
            let vault = vault(place);
            let mut means = Means {
                allow_unscrubbed: false,
                root_key: &root,
                vault: &vault,
                address: "https://logs.example.org",
                terminal: (!input.is_empty()).then_some(&mut typed as &mut dyn BufRead),
            };
            participants::run(command, place, &mut means, output)
        }
        Command::Admin(command) => admin::run(command, place, &mut input.as_bytes(), output),
        Command::User(command) => user::run(command, place, &mut input.as_bytes(), output),
        Command::Member(command) => member::run(command, place, output),
        Command::Client(command) => client::run(command, place, output),
        Command::Codebook(CodebookCommand::Put(wanted)) => codebook_put::run(wanted, place, output),
        Command::Export(command) => export::run(command, place, output),
        Command::Papers(command) => papers::run(command, place, output),
        Command::Notice(command) => notice::run(command, place, output),
        Command::Requests(command) => requests::run(command, place, output),
        Command::Quality(command) => match command.file() {
            Some(file) => quality::run_on_file(file, command, output),
            None => quality::run(command, place, output),
        },
        other => panic!("{other:?} is not for a store alone"),
    }
}

pub(crate) fn typed(place: &Workplace, line: &str) -> String {
    try_type(place, line).unwrap_or_else(|error| panic!("{line}: {error}"))
}
