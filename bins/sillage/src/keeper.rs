//! What the server does by itself, beside answering: every day what studies have kept long enough goes; and what other servers on the same
//! database erased is written down in the ledger of this one.

use crate::audit;
use crate::failure::Failure;
use crate::settings::Settings;
use crate::site::Site;
use sillage_cli::erasures::LedgerFile;
use sillage_cli::retention::{carry_out, plan, plans, refusal};
use sillage_domain::{
    AuditAction, AuditEvent, AuditOutcome, AuditTrail, ErasureLedger, Ports, Removal, Slug,
    Timestamp, Vault,
};
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
/// And another: the beginning of the audit log, taken away.
const AUDIT: &str = "audit";

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
    /// Where it says what it did.
    trail: AuditTrail,
    /// For how many days records of that are kept; `None` for ever.
    audit_days: Option<u32>,
}

impl Keeper {
    /// Starts the thread, which begins its work at once.
    pub(crate) fn start(site: &Site, settings: &Settings) -> Result<Self, Failure> {
        let keeping = Keeping {
            ports: site.ports.clone(),
            root: site.root_again()?,
            ledger: Arc::clone(&site.ledger),
            allow_unscrubbed: settings.privacy.allow_unscrubbed_erasure,
            retention: settings.privacy.retention,
            trail: audit::trail(site, settings)?,
            audit_days: Some(settings.audit.keep).filter(|days| *days > 0),
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
        self.shorten_audit(now);
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

    /// Takes records of the audit log away once a day that were kept long enough.
    fn shorten_audit(&self, now: Timestamp) {
        let Some(days) = self.audit_days else { return };
        match self.ports.retention.take_round(AUDIT, now, ROUND) {
            Ok(true) => {}
            Ok(false) => return,
            Err(error) => {
                tracing::debug!(%error, "the audit log can't be shortened now");
                return;
            }
        }
        match self.trail.cut(now.plus_days(-i64::from(days)), now) {
            Ok(done) => {
                if done.removed > 0 {
                    let removed = done.removed;
                    tracing::info!(
                        removed,
                        days,
                        "audit log: records were kept long enough and are gone"
                    );
                }
                for chain in done.left {
                    tracing::error!(%chain, "audit log: something is wrong at the beginning of this chain, which was left whole: see `sillage audit verify`");
                }
            }
            Err(error) => tracing::error!(%error, "the audit log was not shortened"),
        }
        self.say();
    }

    /// Records what the round of the day did in a study. What is done is done: if that can't be written, the log says so.
    fn record(&self, study: &Slug, outcome: AuditOutcome) {
        let event = AuditEvent {
            study: Some(study.clone()),
            ..audit::by_itself(AuditAction::Retention, outcome, Timestamp::now())
        };
        if let Err(error) = self.trail.record(&[event]) {
            tracing::error!(%error, %study, "the audit log can't be written: it does not tell of the retention");
        }
        self.say();
    }

    fn say(&self) {
        if let Err(error) = self.trail.checkpoint(Timestamp::now()) {
            tracing::warn!(%error, "the checkpoint of the audit log waits for the next time");
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
                let done = carry_out(&self.ports, &now_due, now);
                self.record(
                    &now_due.due.study,
                    match done {
                        Ok(_) => AuditOutcome::Done,
                        Err(_) => AuditOutcome::Failed,
                    },
                );
                let done = done?;
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
