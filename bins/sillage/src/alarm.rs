//! The thread that looks whether all is well, and tells where it is not.

use crate::disk::{DataDisk, host_name};
use crate::failure::Failure;
use crate::settings::{Alerts, Settings};
use crate::site::Site;
use sillage_cli::alerts::{AlertRules, AlertWatch, Webhook};
use sillage_domain::Timestamp;
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::Duration;

/// The thread; it ends, and is waited for, when this is dropped.
pub(crate) struct Alarm {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Alarm {
    /// Starts the thread, if there is to be one.
    pub(crate) fn start(site: &Site, settings: &Settings) -> Result<Option<Self>, Failure> {
        let alerts = &settings.alerts;
        if !alerts.enabled {
            return Ok(None);
        }
        let rules = AlertRules {
            quarantine_share: alerts.quarantine_share,
            disk_free_share: alerts.disk_free_share,
        };
        let disk = Arc::new(DataDisk::of(&settings.server.data_dir));
        let webhook = webhook(alerts)?;
        let mut watch = AlertWatch::new(site.ports.clone(), rules, disk, &host_name(), webhook);
        let every = Duration::from_secs(alerts.every);
        let (stop, stopped) = mpsc::channel();
        let run = move || {
            loop {
                let now = Timestamp::now();
                if let Err(error) = watch.look(now).and_then(|()| watch.tell(now)) {
                    tracing::debug!(%error, "it can't be looked now whether all is well");
                }
                match stopped.recv_timeout(every) {
                    Err(RecvTimeoutError::Timeout) => {}
                    Ok(()) | Err(RecvTimeoutError::Disconnected) => return,
                }
            }
        };
        let thread = std::thread::Builder::new()
            .name("sillage-alarm".into())
            .spawn(run)
            .map_err(Failure::Serve)?;
        Ok(Some(Self {
            stop: Some(stop),
            thread: Some(thread),
        }))
    }
}

impl Drop for Alarm {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic there was told where it happened.
            let _ = thread.join();
        }
    }
}

/// Where alerts go, if they go anywhere.
pub(crate) fn webhook(alerts: &Alerts) -> Result<Option<Webhook>, Failure> {
    match (&alerts.webhook, &alerts.webhook_secret) {
        (None, _) => Ok(None),
        (Some(_), None) => Err(Failure::Rule(
            "[alerts] webhook needs webhook_secret, which alerts are signed with: `openssl rand -hex 32` makes one",
        )),
        (Some(url), Some(secret)) => Ok(Some(Webhook::new(url, secret.clone())?)),
    }
}
