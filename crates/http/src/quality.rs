//! The quality of a study, looked at by a thread of its own.

use crate::codebooks::Compiled;
use crate::error::ApiError;
use crate::extractors::InStudy;
use sillage_auth::Reach;
use sillage_domain::codebook::PrivacyClass;
use sillage_domain::quality::{Expected, Quality, QualityReport, Rules};
use sillage_domain::{LogFilter, Purpose, scan_amended, scan_marked, texts_and_conflicts};
use std::ops::ControlFlow;
use std::sync::Arc;

/// The report on a study, as far as the reader may see it.
pub(crate) async fn report(
    study: &InStudy,
    book: Option<Arc<Compiled>>,
    reach: Reach,
    rules: Rules,
) -> Result<QualityReport, ApiError> {
    let api = &study.who.api;
    let place = api.export_place()?;
    let id = study.id();
    api.off(move |inner| {
        let _place = place;
        let book = book.as_deref();
        let mut quality = Quality::new(&rules, book.map(Compiled::expected));
        let mut each = |entry| {
            quality.add(&entry);
            ControlFlow::Continue(())
        };
        // What an export leaves out is not looked at here either.
        let filter = LogFilter {
            purpose: Some(Purpose::Research),
            ..LogFilter::default()
        };
        let (logs, amendments) = (&*inner.ports.logs, &*inner.ports.amendments);
        scan_marked(&*inner.ports.disputes, id, &mut each, |each| {
            scan_amended(logs, amendments, id, &filter, each)
        })?;
        let found = quality.finish(Some(texts_and_conflicts(&*inner.ports.quarantine, id)?));
        Ok(match reach {
            Reach::Whole => found,
            _ => found.deidentified(book.is_some_and(Compiled::shows_versions)),
        })
    })
    .await
}

impl Compiled {
    /// What entries are compared with.
    fn expected(&self) -> Expected<'_> {
        let version = u64::from(self.version.0.unsigned_abs());
        Expected::of(&self.codebook, version, &self.checker)
    }

    /// Whether the version of the game may be shown to those who read de-identified data: it is the value of a field.
    fn shows_versions(&self) -> bool {
        let name = self.codebook.roles().game_version();
        let mut fields = self.codebook.all_fields();
        name.is_some_and(|name| {
            fields.all(|field| field.name() != name || field.privacy() == Some(PrivacyClass::Other))
        })
    }
}
