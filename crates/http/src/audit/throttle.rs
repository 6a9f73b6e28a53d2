//! What is recorded once in a while and not each time, so that nobody fills the audit log by asking again and again.

use sillage_domain::{AuditAction, AuditOutcome, AuditReference, Slug};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// What is remembered at most; then what is over is forgotten, and if nothing is, all.
const BOUND: usize = 16_384;

/// What counts as the same.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Same {
    pub(super) actor: Option<AuditReference>,
    pub(super) subject: Option<AuditReference>,
    pub(super) action: AuditAction,
    pub(super) outcome: AuditOutcome,
    pub(super) study: Option<Slug>,
}

/// Until when what was recorded is not recorded again.
#[derive(Debug, Default)]
pub(super) struct Throttle(Mutex<HashMap<Same, Instant>>);

impl Throttle {
    /// Whether it is to be recorded; if so, not again in that time.
    pub(super) fn is_new(&self, same: Same, time: Duration, now: Instant) -> bool {
        let mut until = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if until.get(&same).is_some_and(|until| *until > now) {
            return false;
        }
        if until.len() >= BOUND {
            until.retain(|_, until| *until > now);
        }
        if until.len() >= BOUND {
            until.clear();
        }
        until.insert(same, now + time);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_is_new_again_after_its_time() {
        let (throttle, start) = (Throttle::default(), Instant::now());
        let same = |action| Same {
            actor: None,
            subject: None,
            action,
            outcome: AuditOutcome::Refused,
            study: None,
        };
        let second = Duration::from_secs(1);
        let at = |seconds: u32| start + second * seconds;
        assert!(throttle.is_new(same(AuditAction::LogIn), 2 * second, at(0)));
        assert!(!throttle.is_new(same(AuditAction::LogIn), 2 * second, at(1)));
        assert!(throttle.is_new(same(AuditAction::Export), 2 * second, at(1)));
        assert!(throttle.is_new(same(AuditAction::LogIn), 2 * second, at(2)));
    }
}
