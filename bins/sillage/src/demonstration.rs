//! `sillage demo`: a server in a temporary folder, and a recorded class that plays on it.

use crate::failure::Failure;
use crate::settings::{DatabaseUrl, Keys, Level, Settings};
use crate::site::Site;
use crate::{first_admin, logging, serve, signals, welcome};
use actix_web::rt::{System, spawn};
use sillage_auth::{Secret, generate};
use sillage_cli::demo::{self, CODEBOOK};
use sillage_cli::{CommandError, DemoArguments, Output, admin};
use sillage_domain::{PageRequest, PasswordOrigin, Role, StudyScope};
use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::num::{NonZeroU32, NonZeroU64};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use tokio::sync::Notify;

/// A server on a thread of its own.
struct Running {
    thread: JoinHandle<Result<(), Failure>>,
    stop: Arc<Notify>,
    base: String,
    password: Secret,
}

/// Plays the class, checks it, and stays up unless it is to stop.
pub(crate) fn run(
    wanted: &DemoArguments,
    settings: Settings,
    output: &mut Output<'_>,
) -> Result<(), Failure> {
    let folder = Folder::make()?;
    let settings = settings_for(wanted, settings, &folder.data());
    logging::start(&settings.log);
    let csv = wanted
        .csv
        .clone()
        .unwrap_or_else(|| folder.path.join("waves.csv"));
    let done = Running::start(&settings).and_then(|running| {
        let played = running.play(&csv, wanted, &folder, output);
        if wanted.once || played.is_err() {
            running.stop.notify_one();
        }
        let ended = running.thread.join().map_err(|_| Failure::Panicked)?;
        played.and(ended)
    });
    folder.clear(wanted.csv.is_none() && csv.exists());
    done
}

/// The settings of a server that has nothing to do with any other on this machine.
fn settings_for(wanted: &DemoArguments, mut settings: Settings, data: &Path) -> Settings {
    settings.server.bind = SocketAddr::from((Ipv4Addr::LOCALHOST, wanted.port));
    settings.server.data_dir = data.to_owned();
    settings.server.public_url = None;
    settings.server.default_study = None;
    settings.keys = Keys::default();
    if let Some(url) = &wanted.database_url {
        settings.database.url = Some(DatabaseUrl::new(url));
    }
    if settings.log.level == Level::Info {
        // What goes well is told by the progress bar.
        settings.log.level = Level::Warn;
    }
    settings
}

impl Running {
    fn start(settings: &Settings) -> Result<Self, Failure> {
        settings.http(settings.server.bind)?;
        let (listener, address) = serve::listen(settings.server.bind)?;
        let site = Site::open(settings)?;
        refuse_used(&site)?;
        let password = generate()?;
        let place = site.workplace(settings)?;
        admin::make(
            &place,
            &first_admin::username()?,
            &password,
            PasswordOrigin::Generated,
        )?;
        let api = serve::api(site, settings, address)?;
        let (workers, stop) = (serve::workers(settings), Arc::new(Notify::new()));
        let stopping = Arc::clone(&stop);
        let thread = thread::spawn(move || {
            System::new().block_on(async move {
                let asked = signals::asked_to_stop().map_err(Failure::Serve)?;
                let by_signal = Arc::clone(&stopping);
                spawn(async move {
                    asked.await;
                    by_signal.notify_one();
                });
                sillage_http::serve(api, listener, workers, stopping.notified())
                    .await
                    .map_err(Failure::Serve)
            })
        });
        Ok(Self {
            thread,
            stop,
            base: serve::base(settings, address),
            password,
        })
    }

    fn play(
        &self,
        csv: &Path,
        wanted: &DemoArguments,
        folder: &Folder,
        output: &mut Output<'_>,
    ) -> Result<(), Failure> {
        let said = |error| Failure::from(CommandError::Terminal(error));
        output
            .line(format_args!("listening on {}", self.base))
            .map_err(said)?;
        let server = demo::Server {
            base: self.base.clone(),
            username: first_admin::USERNAME.to_owned(),
            password: self.password.clone(),
        };
        demo::play(&server, csv, output)?;
        if wanted.csv.is_none() {
            let codebook = folder.path.join("codebook.toml");
            fs::write(&codebook, CODEBOOK).map_err(|source| Failure::File {
                path: codebook.clone(),
                what: "the codebook can't be written",
                source,
            })?;
            output
                .line(format_args!("codebook: {}", codebook.display()))
                .map_err(said)?;
        }
        if !wanted.once {
            output
                .line(welcome::after_demo(&self.base, &self.password))
                .map_err(said)?;
        }
        Ok(())
    }
}

/// A database with studies or people in it belongs to somebody.
fn refuse_used(site: &Site) -> Result<(), Failure> {
    let one = PageRequest {
        page: NonZeroU64::MIN,
        size: NonZeroU32::MIN,
    };
    let studies = site.ports.studies.studies(&StudyScope::All, &one)?.total;
    let accounts = &site.ports.accounts;
    let people =
        accounts.count_accounts(Role::Admin)? + accounts.count_accounts(Role::Researcher)?;
    if studies + people > 0 {
        Err(Failure::UsedDatabase)
    } else {
        Ok(())
    }
}

/// The temporary folder: the CSV stays, the server's data goes.
struct Folder {
    path: PathBuf,
}

impl Folder {
    fn make() -> Result<Self, Failure> {
        let made = tempfile::Builder::new().prefix("sillage-demo-").tempdir();
        let made = made.map_err(|source| {
            let path = std::env::temp_dir();
            Failure::File {
                path,
                what: "no folder can be made there",
                source,
            }
        })?;
        Ok(Self { path: made.keep() })
    }

    fn data(&self) -> PathBuf {
        self.path.join("data")
    }

    fn clear(&self, keep_files: bool) {
        let gone = if keep_files {
            self.data()
        } else {
            self.path.clone()
        };
        if let Err(error) = fs::remove_dir_all(&gone) {
            tracing::warn!(folder = %gone.display(), %error, "the temporary folder can't be removed");
        }
    }
}
