//! What the server does by itself, beside answering: every day what studies have kept long enough goes; and what other servers on the same
//! database erased is written down in the ledger of this one.

use crate::failure::Failure;
use crate::site::Site;
use sillage_cli::erasures::LedgerFile;
use sillage_cli::retention::{carry_out, plan, plans, refusal};
use sillage_domain::{ErasureLedger, Ports, Removal, Timestamp, Vault};
use sillage_pseudonym::RootKey;
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::Duration;

/// How often the ledger is brought up to date, and how often it is looked whether the day's round is to be made.
const EVERY: Duration = Duration::from_secs(60);
/// How often what is due is taken out, by one of all servers.
const ROUND: Duration = Duration::from_secs(24 * 3600);
/// How many days before something goes the log says so.
const NOTICE_DAYS: i64 = 7;
/// What the round is called in the database.
const NAME: &str = "retention";
/// What another one is called: the replacement of the vault's key.
const VAULT: &str = "vault";

/// The thread; it ends, and is waited for, when this is dropped.
pub(crate) struct Keeper {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

struct Keeping {
    ports: Ports,
    root: RootKey,
    ledger: Arc<LedgerFile>,
    allow_unscrubbed: bool,
    /// Whether it takes out what is due.
    retention: bool,
    /// Whose key it replaces after erasures: where no other server could lack the new one.
    vault: Option<Vault>,
}

impl Keeper {
    /// Starts the thread, which begins its work at once.
    pub(crate) fn start(
        site: &Site,
        allow_unscrubbed: bool,
        retention: bool,
    ) -> Result<Self, Failure> {
        let keeping = Keeping {
            ports: site.ports.clone(),
            root: site.root_again()?,
            ledger: Arc::clone(&site.ledger),
            allow_unscrubbed,
            retention,
            vault: site.is_alone.then(|| site.vault()),
        };
        let (stop, stopped) = mpsc::channel();
        let run = move || {
            loop {
                keeping.work(Timestamp::now());
                match stopped.recv_timeout(EVERY) {
                    Err(RecvTimeoutError::Timeout) => {}
                    Ok(()) | Err(RecvTimeoutError::Disconnected) => return,
                }
            }
        };
        let thread = std::thread::Builder::new()
            .name("sillage-keeper".into())
            .spawn(run)
            .map_err(Failure::Serve)?;
        Ok(Self {
            stop: Some(stop),
            thread: Some(thread),
        })
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic there was told where it happened.
            let _ = thread.join();
        }
    }
}

impl Keeping {
    fn work(&self, now: Timestamp) {
        if let Err(error) = self.write_down() {
            tracing::error!(error = &*error, "the ledger of erasures is not up to date");
        }
        self.close_backups(now);
        if !self.retention {
            return;
        }
        match self.ports.retention.take_round(NAME, now, ROUND) {
            Ok(true) => {
                if let Err(error) = self.round(now) {
                    tracing::error!(
                        error = &*error,
                        "what studies kept long enough was not all taken out"
                    );
                }
            }
            Ok(false) => {}
            Err(error) => tracing::debug!(%error, "the round of the day can't be made now"),
        }
    }

    /// Replaces the key of the vault once a day, where identities were erased: what backups hold of them opens no more.
    fn close_backups(&self, now: Timestamp) {
        let Some(vault) = &self.vault else { return };
        let rotated = match self.ports.retention.take_round(VAULT, now, ROUND) {
            Ok(true) => vault.rotate_after_erasures(now),
            Ok(false) => return,
            Err(error) => Err(error.into()),
        };
        match rotated {
            Ok(None) => {}
            Ok(Some(done)) => {
                tracing::info!(
                    version = done.version.0,
                    "the key of the vault was replaced after erasures"
                );
            }
            Err(error) => tracing::error!(%error, "the key of the vault was not replaced"),
        }
    }

    /// What other servers erased.
    fn write_down(&self) -> Result<(), Box<dyn std::error::Error>> {
        let records = self.ports.records.erasure_records()?;
        if !records.is_empty() {
            self.ledger.append(&records)?;
        }
        Ok(())
    }

    /// What is due soon is announced, what is due now is taken out. Counts and names of studies are told, and nobody's data.
    fn round(&self, now: Timestamp) -> Result<(), Box<dyn std::error::Error>> {
        let refused = refusal(&self.ports, self.allow_unscrubbed)?;
        for now_due in plans(&self.ports, &self.root, now)? {
            let study = now_due.due.study.as_str();
            let then = now_due.due.then.as_str();
            if let (Removal::Erase, Some(why)) = (now_due.due.then, &refused) {
                if !now_due.due.is_empty() {
                    tracing::error!(study, %why, "retention: content is due and was not erased, since the database keeps the bytes");
                }
                continue;
            }
            if !now_due.due.is_empty() {
                let due = &now_due.due;
                tracing::info!(
                    study,
                    then,
                    accounts = due.accounts,
                    entries = due.entries,
                    quarantined_texts = due.quarantined_texts,
                    "retention: this is due and goes now"
                );
                let done = carry_out(&self.ports, &now_due, now)?;
                tracing::info!(
                    study,
                    then,
                    accounts = done.accounts,
                    entries = done.entries,
                    quarantined_texts = done.quarantined_texts,
                    "retention: this is gone"
                );
            }
            let Some(slug) = self.ports.studies.study_by_slug(&now_due.due.study)? else {
                continue;
            };
            let later = now.plus_days(NOTICE_DAYS);
            if let Some(soon) = plan(&self.ports, &self.root, &slug, later)?
                && !soon.due.is_empty()
            {
                let due = &soon.due;
                tracing::warn!(
                    study,
                    then,
                    accounts = due.accounts,
                    entries = due.entries,
                    quarantined_texts = due.quarantined_texts,
                    days = NOTICE_DAYS,
                    "retention: this is due within the next days and will go by itself"
                );
            }
        }
        Ok(())
    }
}
