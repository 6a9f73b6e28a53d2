#![doc = include_str!("../README.md")]

mod alarm;
mod audit;
mod backup;
mod configuration;
mod demonstration;
mod disk;
mod doctor;
mod failure;
mod files;
mod first_admin;
mod keeper;
mod keys;
mod logging;
mod migrations;
mod pseudonymisation;
mod root_key;
mod serve;
mod settings;
mod signals;
mod site;
mod welcome;
mod witness;

use clap::Parser;
use failure::Failure;
use settings::{Level, Settings, Sources};
use sillage_cli::{
    Arguments, CodebookCommand, Command, KeysCommand, Output, Workplace, admin, archive,
    audit as audited, client, codebook, codebook_put, erasures, export, health, import, member,
    migrate, notice, papers, participants, quality, requests, retention, study, user,
};
use sillage_domain::{AuditKeys, Timestamp};
use site::Site;
use std::io::{self, IsTerminal};
use std::process::ExitCode;

/// Requests come and go by the ten thousand a second, each with some dozens of small pieces of memory, freed by another thread than the one that took
/// them: `docs/decisions/0011-where-time-went.md` says what that is worth.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            if !failure.is_silent() {
                eprintln!("sillage: {}", failure.told());
            }
            ExitCode::from(failure.exit_code())
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), Failure> {
    let mut stdout = io::stdout();
    let output = &mut Output::new(&mut stdout, arguments.json);
    let read = |default_file| {
        Sources {
            file: arguments.config.clone(),
            default_file,
            environment: None,
        }
        .read()
    };
    if let Command::Quality(wanted) = &arguments.command
        && let Some(file) = wanted.file()
    {
        return Ok(quality::run_on_file(file, wanted, output)?);
    }
    match &arguments.command {
        Command::Serve(wanted) => serve::run(wanted, read(true)?),
        // A configuration that only lies there is of another server, whose database is none to play with.
        Command::Demo(wanted) => demonstration::run(wanted, read(false)?, output),
        Command::Codebook(command) if !matches!(command, CodebookCommand::Put(_)) => {
            Ok(codebook::run(command, output)?)
        }
        Command::Pseudonymise(wanted) => pseudonymisation::run(wanted, || read(true), output),
        Command::Keys(KeysCommand::Status) => keys::status(&quiet(read(true)?), output),
        Command::Keys(KeysCommand::Import(wanted)) => {
            keys::import(wanted, &quiet(read(true)?), output)
        }
        Command::Health(wanted) => {
            let base = match &wanted.url {
                Some(url) => url.clone(),
                None => configuration::own_address(&read(true)?)?,
            };
            Ok(health::run(&base, wanted, output)?)
        }
        Command::Config(command) => configuration::run(*command, &read(true)?, output),
        Command::Migrate { command } => {
            let settings = quiet(read(true)?);
            site::make_data_folder(&settings)?;
            Ok(migrate::run(
                *command,
                &mut migrations::Migrations::of(&settings)?,
                output,
            )?)
        }
        Command::Doctor => doctor::run(read(true), output),
        Command::Backup(wanted) => {
            backup::run(&arguments.command, wanted, &quiet(read(true)?), output)
        }
        Command::Restore(wanted) => {
            backup::restore(&arguments.command, wanted, &quiet(read(true)?), output)
        }
        Command::Erasures(command) => {
            let site = Site::open_as_found(&quiet(read(true)?))?;
            let means = erasures::ErasuresMeans {
                ports: &site.ports,
                root: &site.root,
                ledger: &site.ledger,
                now: Timestamp::now(),
            };
            Ok(erasures::run(command, &means, output)?)
        }
        on_a_store => {
            let settings = quiet(read(true)?);
            let site = Site::open(&settings)?;
            let place = site.workplace(&settings)?;
            let recorder = audit::Recorder::begin(on_a_store, &site, &settings)?;
            let done = on_store(on_a_store, &site, &place, &settings, output);
            let recorded = recorder.end(&site, done.is_ok());
            // What went wrong first is what is told.
            done.and(recorded)
        }
    }
}

/// Does what a command says that works on the database.
fn on_store(
    command: &Command,
    site: &Site,
    place: &Workplace,
    settings: &Settings,
    output: &mut Output<'_>,
) -> Result<(), Failure> {
    match command {
        Command::Study(command) => study::run(command, place, output)?,
        Command::Codebook(CodebookCommand::Put(wanted)) => {
            codebook_put::run(wanted, place, output)?;
        }
        Command::Participants(command) => {
            let mut input = io::stdin().lock();
            let asks = input.is_terminal();
            let mut means = participants::Means {
                root_key: &site.root,
                vault: &site.vault(),
                allow_unscrubbed: settings.privacy.allow_unscrubbed_erasure,
                address: &settings.http(settings.server.bind)?.public_url,
                terminal: asks.then_some(&mut input as &mut dyn io::BufRead),
            };
            participants::run(command, place, &mut means, output)?
        }
        Command::Retention(wanted) => {
            let mut input = io::stdin().lock();
            let asks = input.is_terminal();
            let mut means = retention::RetentionMeans {
                root: &site.root,
                allow_unscrubbed: settings.privacy.allow_unscrubbed_erasure,
                terminal: asks.then_some(&mut input as &mut dyn io::BufRead),
            };
            retention::run(wanted, place, &mut means, output)?
        }
        Command::Admin(command) => admin::run(command, place, &mut io::stdin().lock(), output)?,
        Command::User(command) => user::run(command, place, &mut io::stdin().lock(), output)?,
        Command::Member(command) => member::run(command, place, output)?,
        Command::Client(command) => client::run(command, place, output)?,
        Command::Import(command) => {
            let means = import::ImportMeans {
                root_key: &site.root,
                limits: settings.http(settings.server.bind)?.limits,
                open: &sillage_store::open_foreign,
            };
            import::run(command, place, &means, output)?
        }
        Command::Keys(KeysCommand::Rotate(wanted)) => keys::rotate(wanted, site, output)?,
        Command::Keys(KeysCommand::Export(wanted)) => keys::export(wanted, settings, output)?,
        Command::Export(wanted) => export::run(wanted, place, output)?,
        Command::Archive(wanted) => archive::run(wanted, place, output)?,
        Command::Quality(wanted) => quality::run(wanted, place, output)?,
        Command::Papers(wanted) => papers::run(wanted, place, output)?,
        Command::Notice(command) => notice::run(command, place, output)?,
        Command::Requests(command) => requests::run(command, place, output)?,
        Command::Audit(command) => {
            let testimony = audit::testimony(settings)?;
            let means = audited::AuditMeans {
                keys: &AuditKeys::of(&site.root),
                testimony: testimony.as_ref().map(|one| one.checkpoints.as_slice()),
            };
            audited::run(command, place, &means, output)?;
        }
        other => return Err(Failure::NotHere(format!("{other:?}"))),
    }
    Ok(())
}

/// Settings under which what goes well is not told: commands have their own words for it.
fn quiet(mut settings: Settings) -> Settings {
    if settings.log.level == Level::Info {
        settings.log.level = Level::Warn;
    }
    logging::start(&settings.log);
    settings
}
