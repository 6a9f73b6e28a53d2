//! Codebooks at work: compiled once a version, kept for the entries that come, and put.

use crate::api::{Api, Inner};
use crate::error::ApiError;
use crate::extractors::InStudy;
use crate::messages;
use actix_web::http::StatusCode;
use sillage_auth::{Granted, ManageCodebook};
use sillage_domain::codebook::{
    Checker, Codebook, CodebookFormat, CodebookProblem, Difference, compare,
};
use sillage_domain::{CodebookPut, CodebookVersion, NewCodebook, StoredCodebook, Study, StudyId};
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

/// How many versions are kept compiled; one more and all are forgotten, to be compiled again when they are needed.
const KEPT: usize = 64;

/// A version of a study's codebook, ready for entries.
pub(crate) struct Compiled {
    pub(crate) version: CodebookVersion,
    pub(crate) codebook: Codebook,
    pub(crate) checker: Checker,
}

/// The versions that were compiled. A version never changes, so that it needs no date: which one is in force stands with the study.
#[derive(Default)]
pub(crate) struct Codebooks(RwLock<HashMap<(StudyId, CodebookVersion), Arc<Compiled>>>);

impl Codebooks {
    fn get(&self, key: (StudyId, CodebookVersion)) -> Option<Arc<Compiled>> {
        let kept = self.0.read().unwrap_or_else(PoisonError::into_inner);
        kept.get(&key).cloned()
    }

    fn put(&self, study: StudyId, compiled: &Arc<Compiled>) {
        let mut kept = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= KEPT {
            kept.clear();
        }
        kept.insert((study, compiled.version), Arc::clone(compiled));
    }
}

impl fmt::Debug for Codebooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Codebooks")
    }
}

impl Api {
    /// The codebook of a study as the study is known; `None` if it has none. Blocks nobody if it was compiled before.
    pub(crate) async fn codebook_of(
        &self,
        study: &Study,
    ) -> Result<Option<Arc<Compiled>>, ApiError> {
        let Some(version) = study.codebook else {
            return Ok(None);
        };
        let id = study.id;
        if let Some(known) = self.0.codebooks.get((id, version)) {
            return Ok(Some(known));
        }
        self.off(move |inner| inner.compiled(id, version).map(Some))
            .await
    }
}

impl Inner {
    /// That version, compiled.
    pub(crate) fn compiled(
        &self,
        study: StudyId,
        version: CodebookVersion,
    ) -> Result<Arc<Compiled>, ApiError> {
        if let Some(known) = self.codebooks.get((study, version)) {
            return Ok(known);
        }
        let stored = self.ports.codebooks.codebook(study, version)?;
        let stored = stored.ok_or_else(messages::not_found)?;
        let codebook = read_stored(&stored)?;
        let checker = Checker::new(&codebook);
        let compiled = Arc::new(Compiled {
            version,
            codebook,
            checker,
        });
        self.codebooks.put(study, &compiled);
        Ok(compiled)
    }
}

/// The codebook that a stored text is; it was found to be one when it was put.
pub(crate) fn read_stored(stored: &StoredCodebook) -> Result<Codebook, ApiError> {
    Codebook::read(&stored.text, stored.summary.format).map_err(|faults| {
        let first = faults.first().map(ToString::to_string).unwrap_or_default();
        ApiError::internal(format!(
            "version {} of a codebook can't be read any more: {first}",
            stored.summary.version
        ))
    })
}

/// A text as it was sent in that format, or the same codebook written in the other.
pub(crate) fn text_in(stored: StoredCodebook, format: CodebookFormat) -> Result<String, ApiError> {
    if stored.summary.format == format {
        return Ok(stored.text);
    }
    Ok(read_stored(&stored)?.write(format))
}

/// The codebook that a text is; every fault of it otherwise.
pub(crate) fn read(text: &str, format: CodebookFormat) -> Result<Codebook, ApiError> {
    Codebook::read(text, format).map_err(|faults| {
        if let [fault] = faults.as_slice()
            && let CodebookProblem::Malformed { reason } = &fault.problem
        {
            let problem = match format {
                CodebookFormat::Json => messages::malformed_json(fault.line, fault.column, reason),
                _ => messages::malformed_toml(reason),
            };
            return problem.on_line(fault.line, fault.column).into();
        }
        let problems = faults.iter().map(messages::codebook_fault);
        ApiError::several(StatusCode::UNPROCESSABLE_ENTITY, problems.collect())
    })
}

/// What became of a codebook that was put.
pub(crate) struct Done {
    pub(crate) put: CodebookPut,
    /// The version before, and what is different from it.
    pub(crate) before: Option<(CodebookVersion, Vec<Difference>)>,
}

impl Done {
    /// Whether the study had none before.
    pub(crate) fn is_first(&self) -> bool {
        self.put == CodebookPut::Made(CodebookVersion(1))
    }
}

/// Keeps a codebook as the next version of the study's, if it changes something.
pub(crate) async fn put(
    study: &InStudy,
    granted: Granted<ManageCodebook>,
    text: String,
    format: CodebookFormat,
    seen: Option<Option<CodebookVersion>>,
) -> Result<Done, ApiError> {
    let api = &study.who.api;
    let now = api.now();
    let done = api
        .off(move |inner| {
            let codebook = read(&text, format)?;
            let known = inner.ports.studies.study(granted.study())?;
            let known = known.ok_or_else(messages::not_found)?;
            inner.ready(inner.gate().against_codebook(&known, &codebook)?)?;
            let new = NewCodebook {
                format,
                text,
                hash: codebook.hash(),
                by: granted.by(),
            };
            let id = granted.study();
            let put = inner.ports.codebooks.put_codebook(id, &new, seen, now)?;
            let before = match put {
                CodebookPut::Made(version) if version.0 > 1 => {
                    let before = CodebookVersion(version.0 - 1);
                    Some((before, inner.differences(id, before, &codebook)?))
                }
                _ => None,
            };
            Ok(Done { put, before })
        })
        .await;
    api.changed();
    done
}

impl Inner {
    /// What is different in a codebook from a version of the study's.
    pub(crate) fn differences(
        &self,
        study: StudyId,
        from: CodebookVersion,
        to: &Codebook,
    ) -> Result<Vec<Difference>, ApiError> {
        let stored = self.ports.codebooks.codebook(study, from)?;
        let stored = stored.ok_or_else(messages::not_found)?;
        Ok(compare(&read_stored(&stored)?, to))
    }
}
