//! The quality of a study, looked at by a thread of its own.

use crate::api::Inner;
use crate::error::ApiError;
use crate::extractors::InStudy;
use sillage_auth::Reach;
use sillage_domain::quality::{Quality, QualityReport, Rules};
use sillage_domain::{FaultKind, LogFilter, PageRequest, QuarantineFilter, StudyId};
use std::num::{NonZeroU32, NonZeroU64};
use std::ops::ControlFlow;

const PAGE: NonZeroU32 = NonZeroU32::new(1000).unwrap();

/// The report on a study, as far as the reader may see it.
pub(crate) async fn report(
    study: &InStudy,
    reach: Reach,
    rules: Rules,
) -> Result<QualityReport, ApiError> {
    let api = &study.who.api;
    let place = api.export_place()?;
    let id = study.id();
    api.off(move |inner| {
        let _place = place;
        let mut quality = Quality::new(&rules, None);
        let mut each = |entry| {
            quality.add(&entry);
            ControlFlow::Continue(())
        };
        inner
            .ports
            .logs
            .scan(id, &LogFilter::default(), &mut each)?;
        let found = quality.finish(Some(inner.quarantined(id)?));
        Ok(match reach {
            Reach::Whole => found,
            _ => found.deidentified(false),
        })
    })
    .await
}

impl Inner {
    /// How many texts lie in quarantine, and how many of them are in conflict with an entry.
    fn quarantined(&self, study: StudyId) -> Result<(u64, u64), ApiError> {
        let (mut all, mut conflicts, mut page) = (0, 0, NonZeroU64::MIN);
        loop {
            let request = PageRequest { page, size: PAGE };
            let part =
                self.ports
                    .quarantine
                    .quarantine(study, &QuarantineFilter::default(), &request)?;
            let texts = part.items.iter();
            conflicts += texts
                .filter(|text| {
                    let mut faults = text.misfit.faults.iter();
                    faults.any(|fault| fault.kind == FaultKind::Conflict)
                })
                .count() as u64;
            all += part.items.len() as u64;
            if (part.items.len() as u64) < u64::from(PAGE.get()) {
                return Ok((all, conflicts));
            }
            page = page.saturating_add(1);
        }
    }
}
