//! The server that is loaded, and who plays there.

use crate::arguments::Server as Where;
use sillage_load::Result;
use sillage_load::address::Target;
use sillage_load::api::{Account, Api};
use sillage_load::play::MOST_PLAYERS;
use sillage_load::server::{Program, Server};
use std::num::NonZeroUsize;
use std::path::Path;
use tempfile::TempDir;

/// A server and who asks it.
pub(crate) struct Place {
    pub(crate) target: Target,
    /// `None` where nobody was named, and participants are given.
    api: Option<Api>,
    pub(crate) study: String,
    /// Ended when the run is over; its folder goes with it.
    started: Option<(Server, TempDir)>,
}

impl Place {
    pub(crate) fn find(given: &Where) -> Result<Self> {
        let mut started = None;
        let url = match (&given.url, &given.start) {
            (Some(url), _) => url.clone(),
            (None, Some(program)) => {
                let server = start(program, given)?;
                let base = server.0.base();
                started = Some(server);
                base
            }
            (None, None) => return Err("no server is named".into()),
        };
        let target = Target::new(&url, given.yes_this_is_my_server)?;
        let api = match (&started, &given.token_file, &given.user) {
            (Some((server, _)), _, _) => Some(server.api()?),
            (None, Some(file), _) => {
                let token = std::fs::read_to_string(file)
                    .map_err(|error| format!("{}: {error}", file.display()))?;
                Some(Api::new(&target.base, token.trim()))
            }
            (None, None, Some(user)) => {
                let password = std::env::var("SILLAGE_LOAD_PASSWORD")
                    .map_err(|_| "SILLAGE_LOAD_PASSWORD holds no password")?;
                Some(Api::log_in(&target.base, user, &password)?)
            }
            (None, None, None) => None,
        };
        let study = match &given.study {
            Some(study) => study.clone(),
            None if given.participants.is_some() => {
                return Err("--study names the study of the participants".into());
            }
            None => format!("load-{:08x}", uuid::Uuid::new_v4().as_fields().0),
        };
        Ok(Self {
            target,
            api,
            study,
            started,
        })
    }

    /// The API, for what only somebody who runs studies may do.
    pub(crate) fn api(&self) -> Result<&Api> {
        self.api
            .as_ref()
            .ok_or_else(|| "say who asks: --token-file, or --user and SILLAGE_LOAD_PASSWORD".into())
    }

    /// That many accounts of the study: those of the file, or new ones.
    pub(crate) fn accounts(&self, file: Option<&Path>, count: usize) -> Result<Vec<Account>> {
        if !(1..=MOST_PLAYERS).contains(&count) {
            return Err(format!("there are 1 to {MOST_PLAYERS} players").into());
        }
        let Some(file) = file else {
            let api = self.api()?;
            if !api.has_study(&self.study)? {
                api.begin_study(&self.study)?;
            }
            let prefix = format!("load-{:06x}-", uuid::Uuid::new_v4().as_fields().0 >> 8);
            let mut accounts = Vec::with_capacity(count);
            while accounts.len() < count {
                // As many as the API makes at once.
                let some = (count - accounts.len()).min(1000);
                let prefix = format!("{prefix}{}-", accounts.len() / 1000);
                accounts.extend(api.enrol(&self.study, &prefix, some)?);
            }
            return Ok(accounts);
        };
        let name = |error| format!("{}: {error}", file.display());
        let mut reader = csv::Reader::from_path(file).map_err(name)?;
        let rows: std::result::Result<Vec<Account>, _> = reader.deserialize().collect();
        let mut accounts = rows.map_err(name)?;
        if accounts.len() < count {
            return Err(format!(
                "{} has {} participants, and {count} play",
                file.display(),
                accounts.len()
            )
            .into());
        }
        accounts.truncate(count);
        Ok(accounts)
    }

    /// Ends the server that was started here.
    pub(crate) fn end(self) -> Result<()> {
        match self.started {
            Some((server, _folder)) => server.stop(),
            None => Ok(()),
        }
    }
}

fn start(program: &Path, given: &Where) -> Result<(Server, TempDir)> {
    let parent = match &given.folder {
        Some(folder) => folder.clone(),
        None => std::env::current_dir()?,
    };
    let folder = tempfile::Builder::new()
        .prefix("sillage-load-")
        .tempdir_in(parent)?;
    let database = match &given.database_url {
        Some(url) => url.clone(),
        None => format!("sqlite://{}", folder.path().join("sillage.db").display()),
    };
    let program = Program {
        path: std::path::absolute(program)?,
        workers: processors(),
    };
    let server = Server::start(&program, folder.path(), &database, &[])?;
    Ok((server, folder))
}

/// Threads that a server may use.
pub(crate) fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, NonZeroUsize::get)
}
