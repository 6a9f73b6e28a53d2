//! What is held of somebody beside the entries, a few rows in memory at a time.

use crate::api::Inner;
use sillage_domain::{
    ConsentCode, ConsentEvent, PageRequest, QuarantineFilter, QuarantineId, QuarantinedEntry,
    StudyId,
};
use sillage_export::ExportError;
use std::num::{NonZeroU32, NonZeroU64};
use std::ops::ControlFlow;

/// How many texts are in memory at a time, and of how many bytes about.
const TEXTS: u32 = 200;
const TEXT_BYTES: usize = 1 << 20;
const DECISIONS: NonZeroU32 = NonZeroU32::new(100).unwrap();

type Flow = Result<ControlFlow<()>, ExportError>;

/// Calls `each` with what lies in quarantine, until it breaks or fails.
pub(super) fn texts(
    inner: &Inner,
    study: StudyId,
    filter: &QuarantineFilter,
    each: &mut dyn FnMut(&QuarantinedEntry) -> Flow,
) -> Flow {
    let quarantine = &inner.ports.quarantine;
    let mut after = QuarantineId(0);
    loop {
        let texts = quarantine.next_quarantined(study, filter, after, TEXTS, TEXT_BYTES)?;
        let Some(last) = texts.last() else {
            return Ok(ControlFlow::Continue(()));
        };
        after = last.id;
        for text in &texts {
            if each(text)?.is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
    }
}

/// Calls `each` with what was consented to, the last first, until it breaks or fails.
pub(super) fn consents(
    inner: &Inner,
    study: StudyId,
    code: &ConsentCode,
    each: &mut dyn FnMut(&ConsentEvent) -> Flow,
) -> Flow {
    let mut page = NonZeroU64::MIN;
    loop {
        let size = DECISIONS;
        let request = PageRequest { page, size };
        let found = inner.ports.consents.consents(study, code, &request)?;
        for event in &found.items {
            if each(event)?.is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        if (found.items.len() as u64) < u64::from(DECISIONS.get()) {
            return Ok(ControlFlow::Continue(()));
        }
        page = page.saturating_add(1);
    }
}
