//! What a study's codebook says of files and of quality.

use crate::api::Api;
use crate::error::ApiError;
use sillage_domain::Study;
use sillage_domain::codebook::{Checker, Codebook};
use std::sync::Arc;

/// The number of a codebook in its study.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Version(pub(crate) i32);

/// A version of a study's codebook.
pub(crate) struct Compiled {
    pub(crate) version: Version,
    pub(crate) codebook: Codebook,
    pub(crate) checker: Checker,
}

impl Api {
    /// The codebook of a study; studies have none yet.
    pub(crate) async fn codebook_of(
        &self,
        _study: &Study,
    ) -> Result<Option<Arc<Compiled>>, ApiError> {
        Ok(None)
    }
}
