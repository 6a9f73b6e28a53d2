//! What has to be asked of the database, at most every few seconds however often one looks.

use super::entries::MAX_STUDIES;
use crate::api::{Api, Inner};
use sillage_domain::{
    AlertFilter, AlertKind, AlertState, PageRequest, Slug, StoreError, Study, StudyScope,
    StudyStatus, Timestamp,
};
use std::num::{NonZeroU32, NonZeroU64};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// For how long what was found is told again.
const KEPT: Duration = Duration::from_secs(5);
/// For how long a database is waited for. Prometheus itself waits 10 seconds by default.
const PATIENCE: Duration = Duration::from_secs(5);
/// Studies, and alerts, of one question.
const MANY: u32 = 1000;

/// What the database says.
#[derive(Debug, Default)]
pub(super) struct State {
    /// Whether it says anything.
    pub(super) is_up: bool,
    pub(super) database_bytes: Option<u64>,
    pub(super) open_studies: u64,
    /// Of open studies, in order of slugs, as many as are told by themselves.
    pub(super) studies: Vec<StudyState>,
    /// Of all other open studies.
    pub(super) other_entries: u64,
    pub(super) other_quarantined: u64,
    /// How many alerts of each kind are raised.
    pub(super) alerts: Vec<(AlertKind, u64)>,
}

/// An open study.
#[derive(Debug)]
pub(super) struct StudyState {
    pub(super) slug: Slug,
    pub(super) entries: u64,
    pub(super) quarantined: u64,
    pub(super) last_received: Option<Timestamp>,
}

impl Api {
    /// What the database said some seconds ago at most. Of several who ask at once, one looks and the others wait.
    pub(super) async fn state(&self) -> Arc<State> {
        let mut kept = self.0.metrics.state.lock().await;
        if let Some((at, state)) = kept.as_ref()
            && at.elapsed() < KEPT
        {
            return Arc::clone(state);
        }
        let look = self.off(|inner| Ok(inner.look()?));
        let state = match tokio::time::timeout(PATIENCE, look).await {
            Ok(Ok(state)) => state,
            Ok(Err(error)) => {
                tracing::debug!(%error, "the metrics of the database can't be read");
                State::default()
            }
            Err(_) => State::default(),
        };
        let state = Arc::new(state);
        *kept = Some((Instant::now(), Arc::clone(&state)));
        state
    }
}

impl Inner {
    fn look(&self) -> Result<State, StoreError> {
        self.ports.logs.ping()?;
        let mut state = State {
            is_up: true,
            alerts: self.raised()?,
            database_bytes: Some(self.ports.monitor.database_bytes()?),
            ..State::default()
        };
        for study in self.open_studies()? {
            state.open_studies += 1;
            let counts = self.ports.logs.counts(study.id)?;
            if state.studies.len() == MAX_STUDIES {
                state.other_entries += counts.entries;
                state.other_quarantined += counts.quarantined;
                continue;
            }
            state.studies.push(StudyState {
                entries: counts.entries,
                quarantined: counts.quarantined,
                last_received: self.ports.monitor.last_received(study.id)?,
                slug: study.slug,
            });
        }
        Ok(state)
    }

    fn raised(&self) -> Result<Vec<(AlertKind, u64)>, StoreError> {
        let filter = AlertFilter {
            study: None,
            state: Some(AlertState::Raised),
        };
        let raised = self.ports.alerts.alerts(&filter, &first_page())?.items;
        let of = |kind| {
            let of_kind = raised.iter().filter(|alert| alert.about.kind == kind);
            (kind, of_kind.count() as u64)
        };
        Ok(AlertKind::ALL.iter().copied().map(of).collect())
    }

    fn open_studies(&self) -> Result<Vec<Study>, StoreError> {
        let (mut open, mut seen) = (Vec::new(), 0);
        let mut page = first_page();
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

fn first_page() -> PageRequest {
    PageRequest {
        page: NonZeroU64::MIN,
        size: NonZeroU32::new(MANY).unwrap_or(NonZeroU32::MIN),
    }
}
