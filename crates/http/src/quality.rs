//! The quality of a study, looked at by a thread of its own.

use crate::error::ApiError;
use crate::extractors::InStudy;
use sillage_auth::Reach;
use sillage_domain::quality::{Quality, QualityReport, Rules};
use sillage_domain::{LogFilter, texts_and_conflicts};
use std::ops::ControlFlow;

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
        let found = quality.finish(Some(texts_and_conflicts(&*inner.ports.quarantine, id)?));
        Ok(match reach {
            Reach::Whole => found,
            _ => found.deidentified(false),
        })
    })
    .await
}
