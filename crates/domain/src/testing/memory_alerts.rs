//! The alerts of the memory store.

use super::MemoryStore;
use super::memory::{next, part};
use crate::{
    Alert, AlertFilter, AlertId, AlertStore, NewAlert, PageRequest, Paged, StoreError, Timestamp,
};
use std::cmp::Reverse;

/// An alert, and when its state is to be told elsewhere.
#[derive(Debug, Clone)]
pub(super) struct KeptAlert {
    pub(super) alert: Alert,
    next_try: Option<Timestamp>,
}

impl AlertStore for MemoryStore {
    fn alerts(&self, filter: &AlertFilter, page: &PageRequest) -> Result<Paged<Alert>, StoreError> {
        let tables = self.tables();
        let of_study = |alert: &Alert| filter.study.is_none_or(|id| alert.about.study == Some(id));
        let found = tables.alerts.iter().map(|kept| &kept.alert);
        let found = found.filter(|alert| of_study(alert));
        let found = found.filter(|alert| filter.state.is_none_or(|state| state == alert.state()));
        let mut found: Vec<_> = found.cloned().collect();
        found.sort_by_key(|alert| Reverse(alert.id));
        Ok(part(&found, page))
    }

    fn raise_alert(&self, new: &NewAlert, now: Timestamp) -> Result<bool, StoreError> {
        let mut tables = self.tables();
        let key = new.key();
        let raised = |kept: &&mut KeptAlert| {
            kept.alert.resolved_at.is_none() && kept.alert.about.key() == key
        };
        if let Some(kept) = tables.alerts.iter_mut().find(raised) {
            kept.alert.about = new.clone();
            kept.alert.seen_at = now;
            return Ok(false);
        }
        let slug = match new.study {
            None => None,
            Some(id) => {
                let found = tables.studies.iter().find(|study| study.id == id);
                Some(found.ok_or(StoreError::NotFound)?.slug.clone())
            }
        };
        let alert = Alert {
            id: AlertId(next(&mut tables.last.alert)),
            about: new.clone(),
            slug,
            raised_at: now,
            seen_at: now,
            resolved_at: None,
            tries: 0,
        };
        tables.alerts.push(KeptAlert {
            alert,
            next_try: Some(now),
        });
        Ok(true)
    }

    fn resolve_alert(&self, id: AlertId, now: Timestamp) -> Result<bool, StoreError> {
        let mut tables = self.tables();
        let raised =
            |kept: &&mut KeptAlert| kept.alert.id == id && kept.alert.resolved_at.is_none();
        let Some(kept) = tables.alerts.iter_mut().find(raised) else {
            return Ok(false);
        };
        kept.alert.resolved_at = Some(now);
        kept.alert.tries = 0;
        kept.next_try = Some(now);
        Ok(true)
    }

    fn alerts_to_tell(&self, now: Timestamp, at_most: u32) -> Result<Vec<Alert>, StoreError> {
        let tables = self.tables();
        let waits = |kept: &&KeptAlert| kept.next_try.is_some_and(|next| next <= now);
        let mut found: Vec<_> = tables.alerts.iter().filter(waits).collect();
        found.sort_by_key(|kept| (kept.next_try, kept.alert.id));
        let found = found.into_iter().take(at_most as usize);
        Ok(found.map(|kept| kept.alert.clone()).collect())
    }

    fn begin_to_tell(&self, seen: &Alert, next: Option<Timestamp>) -> Result<bool, StoreError> {
        let mut tables = self.tables();
        let as_seen = |kept: &&mut KeptAlert| {
            let alert = &kept.alert;
            kept.next_try.is_some()
                && (alert.id, alert.tries, alert.state()) == (seen.id, seen.tries, seen.state())
        };
        let Some(kept) = tables.alerts.iter_mut().find(as_seen) else {
            return Ok(false);
        };
        kept.alert.tries += 1;
        kept.next_try = next;
        Ok(true)
    }

    fn alert_told(&self, seen: &Alert) -> Result<(), StoreError> {
        let mut tables = self.tables();
        let as_seen =
            |kept: &&mut KeptAlert| (kept.alert.id, kept.alert.state()) == (seen.id, seen.state());
        if let Some(kept) = tables.alerts.iter_mut().find(as_seen) {
            kept.next_try = None;
        }
        Ok(())
    }

    fn forget_alerts(&self, before: Timestamp) -> Result<u64, StoreError> {
        let alerts = &mut self.tables().alerts;
        let there = alerts.len();
        alerts.retain(|kept| kept.alert.resolved_at.is_none_or(|at| at >= before));
        Ok((there - alerts.len()) as u64)
    }
}
