//! What the server tells of its own accord: it looks every minute, keeps what it finds once however many servers look, and tells it in its log and to a
//! webhook.

mod webhook;

pub use webhook::{Webhook, WebhookError};

use sillage_domain::{
    Alert, AlertFilter, AlertKind, AlertState, Disk, NewAlert, PageRequest, Ports, QuarantineWatch,
    StoreError, Study, StudyId, StudyScope, StudyStatus, Timestamp, Verdict, fullness, silence,
};
use std::num::{NonZeroU32, NonZeroU64};
use std::sync::Arc;

/// Studies, and alerts, of one question.
const MANY: u32 = 1000;
/// How many alerts are told at most after one look.
const TOLD_AT_ONCE: u32 = 20;
/// Seconds after each attempt to tell something until the next; there is none after the last.
const WAITS: &[i64] = &[60, 120, 300, 600, 1800, 3600, 3600];
/// Seconds after which something is no news any more.
const STALE: i64 = 24 * 3600;
/// Seconds after which a server that says nothing of its disk any more is not there.
const GONE: i64 = 3600;
/// Days for which alerts are kept that were resolved.
const KEPT_DAYS: i64 = 90;

/// When something is as it should not be.
#[derive(Debug, Clone, Copy)]
pub struct AlertRules {
    /// The part of what arrives in a study within an hour that may go to quarantine; from 1 on, any.
    pub quarantine_share: f64,
    /// The part of the disk that should be free; with 0, none.
    pub disk_free_share: f64,
}

/// Looks, and tells.
pub struct AlertWatch {
    ports: Ports,
    rules: AlertRules,
    disk: Arc<dyn Disk>,
    /// What this server is called.
    server: String,
    webhook: Option<Webhook>,
    quarantine: QuarantineWatch,
}

impl AlertWatch {
    /// `server`: the host name, for alerts about its disk.
    pub fn new(
        ports: Ports,
        rules: AlertRules,
        disk: Arc<dyn Disk>,
        server: &str,
        webhook: Option<Webhook>,
    ) -> Self {
        Self {
            ports,
            rules,
            disk,
            server: server.to_owned(),
            webhook,
            quarantine: QuarantineWatch::default(),
        }
    }

    /// Looks once at everything, and raises and resolves what is new.
    ///
    /// # Errors
    ///
    /// Those of the store; what was found before is kept.
    pub fn look(&mut self, now: Timestamp) -> Result<(), StoreError> {
        let raised = self.raised()?;
        let open = self.open_studies()?;
        let ids: Vec<StudyId> = open.iter().map(|study| study.id).collect();
        self.quarantine.only(&ids);
        for study in &open {
            self.look_at(study, &raised, now)?;
        }
        for alert in &raised {
            let closed = alert.about.study.is_some_and(|id| !ids.contains(&id));
            let theirs = alert.about.server.as_deref() != Some(&self.server);
            let silent =
                alert.about.study.is_none() && theirs && alert.seen_at.plus_seconds(GONE) <= now;
            if closed || silent {
                self.resolve(alert, now)?;
            }
        }
        if let Some(space) = self.disk.space() {
            let threshold = self.rules.disk_free_share;
            let new = NewAlert {
                kind: AlertKind::DiskNearlyFull,
                study: None,
                server: Some(self.server.clone()),
                value: 0.0,
                threshold,
            };
            let verdict = fullness(space.free_share(), threshold);
            self.settle(new, None, verdict, &raised, now)?;
        }
        self.ports.alerts.forget_alerts(now.plus_days(-KEPT_DAYS))?;
        Ok(())
    }

    fn look_at(
        &mut self,
        study: &Study,
        raised: &[Alert],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let about = |kind, threshold| NewAlert {
            kind,
            study: Some(study.id),
            server: None,
            value: 0.0,
            threshold,
        };
        let minutes = study.silence_minutes;
        let last = match minutes {
            Some(_) => self.ports.monitor.last_received(study.id)?,
            None => None,
        };
        let threshold = minutes.unwrap_or(0) as f64 * 60.0;
        let silent = about(AlertKind::StudySilent, threshold);
        self.settle(silent, Some(study), silence(study, last, now), raised, now)?;
        let counts = self.ports.logs.counts(study.id)?;
        let threshold = self.rules.quarantine_share;
        let verdict = self.quarantine.look(study.id, counts, threshold, now);
        let share = about(AlertKind::QuarantineShare, threshold);
        self.settle(share, Some(study), verdict, raised, now)
    }

    /// Raises it, or resolves what was raised.
    fn settle(
        &self,
        mut new: NewAlert,
        study: Option<&Study>,
        verdict: Verdict,
        raised: &[Alert],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        match verdict {
            Verdict::Unknown => Ok(()),
            Verdict::Good => {
                let key = new.key();
                match raised.iter().find(|alert| alert.about.key() == key) {
                    Some(alert) => self.resolve(alert, now),
                    None => Ok(()),
                }
            }
            Verdict::Bad(value) => {
                new.value = value;
                match self.ports.alerts.raise_alert(&new, now) {
                    Ok(true) => {
                        tracing::warn!(
                            alert = new.kind.as_str(),
                            study = study.map(|study| study.slug.as_str()),
                            server = new.server,
                            value,
                            threshold = new.threshold,
                            "an alert was raised"
                        );
                        Ok(())
                    }
                    // The study was deleted a moment ago.
                    Ok(false) | Err(StoreError::NotFound) => Ok(()),
                    Err(error) => Err(error),
                }
            }
        }
    }

    fn resolve(&self, alert: &Alert, now: Timestamp) -> Result<(), StoreError> {
        if self.ports.alerts.resolve_alert(alert.id, now)? {
            tracing::info!(
                alert = alert.about.kind.as_str(),
                study = alert.slug.as_ref().map(|slug| slug.as_str()),
                server = alert.about.server,
                "an alert was resolved"
            );
        }
        Ok(())
    }

    /// Sends what waits to the webhook, if there is one. What can't be sent is tried again later, seven times at most within some three hours; the first
    /// failure ends this round.
    ///
    /// # Errors
    ///
    /// Those of the store.
    pub fn tell(&self, now: Timestamp) -> Result<(), StoreError> {
        let Some(webhook) = &self.webhook else {
            return Ok(());
        };
        let alerts = &self.ports.alerts;
        for alert in alerts.alerts_to_tell(now, TOLD_AT_ONCE)? {
            let since = alert.resolved_at.unwrap_or(alert.raised_at);
            let is_stale = since.plus_seconds(STALE) <= now;
            let wait = WAITS.get(alert.tries as usize).filter(|_| !is_stale);
            let next = wait.map(|seconds| now.plus_seconds(*seconds));
            // Of several servers, one goes on from here.
            if !alerts.begin_to_tell(&alert, next)? || is_stale {
                continue;
            }
            match webhook.send(&alert, now) {
                Ok(()) => alerts.alert_told(&alert)?,
                Err(error) => {
                    tracing::warn!(
                        error = &error as &dyn std::error::Error,
                        alert = alert.about.kind.as_str(),
                        attempt = alert.tries + 1,
                        given_up = next.is_none(),
                        "an alert was not taken by the webhook"
                    );
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    fn raised(&self) -> Result<Vec<Alert>, StoreError> {
        let filter = AlertFilter {
            study: None,
            state: Some(AlertState::Raised),
        };
        Ok(self.ports.alerts.alerts(&filter, &first_page())?.items)
    }

    fn open_studies(&self) -> Result<Vec<Study>, StoreError> {
        let (mut open, mut page, mut seen) = (Vec::new(), first_page(), 0);
        loop {
            let found = self.ports.studies.studies(&StudyScope::All, &page)?;
            let none = found.items.is_empty();
            seen += found.items.len() as u64;
            let is_open = |study: &Study| study.status == StudyStatus::Open;
            open.extend(found.items.into_iter().filter(is_open));
            if none || seen >= found.total {
                return Ok(open);
            }
            page.page = page.page.saturating_add(1);
        }
    }
}

impl std::fmt::Debug for AlertWatch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AlertWatch")
            .field("rules", &self.rules)
            .field("server", &self.server)
            .finish_non_exhaustive()
    }
}

fn first_page() -> PageRequest {
    PageRequest {
        page: NonZeroU64::MIN,
        size: NonZeroU32::new(MANY).unwrap_or(NonZeroU32::MIN),
    }
}

#[cfg(test)]
mod tests;
