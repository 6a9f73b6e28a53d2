//! The codebooks of a study as they are kept: each version a text that was sent, with a number from 1.

use crate::codebook::CodebookFormat;
use crate::{AccountId, PageRequest, Paged, StoreError, StudyId, Timestamp};
use std::fmt;

/// The number of a codebook in its study, from 1. Each entry remembers the one that it was checked against.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(transparent)]
pub struct CodebookVersion(pub i32);

impl fmt::Display for CodebookVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A version of a study's codebook, without its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodebookSummary {
    /// Its number.
    pub version: CodebookVersion,
    /// How its text is written.
    pub format: CodebookFormat,
    /// SHA-256 of what it means: of two texts that mean the same it is the same.
    pub hash: [u8; 32],
    /// When it was put.
    pub created_at: Timestamp,
    /// By whom, as long as there is such an account; `None` for the command line.
    pub created_by: Option<AccountId>,
}

/// A version of a study's codebook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredCodebook {
    /// What is known of it.
    pub summary: CodebookSummary,
    /// The text as it was sent.
    pub text: String,
}

/// A codebook to be kept; it was found to be one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCodebook {
    /// How the text is written.
    pub format: CodebookFormat,
    /// As it was sent.
    pub text: String,
    /// See [`CodebookSummary::hash`].
    pub hash: [u8; 32],
    /// Who puts it.
    pub by: Option<AccountId>,
}

/// What became of a codebook that was put.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodebookPut {
    /// It is a new version.
    Made(CodebookVersion),
    /// It means what this version means, which was the last one: nothing was kept.
    Same(CodebookVersion),
}

impl CodebookPut {
    /// The version that holds now.
    pub const fn version(self) -> CodebookVersion {
        match self {
            Self::Made(version) | Self::Same(version) => version,
        }
    }
}

/// Keeps the codebooks of studies. The last version of a study is the one that entries are checked against; its number stands in
/// [`Study::codebook`](crate::Study::codebook).
pub trait CodebookStore: Send + Sync {
    /// Keeps a codebook as the next version, unless it means the same as the last one. No number is given twice, however many put one
    /// at the same time. The revision of the study's entries changes with it, and that of the study.
    ///
    /// `seen`, if given, is the version that the caller takes for the last one (`None` within: that there is none). Errors:
    /// [`StoreError::Stale`] if it is not; [`StoreError::NotFound`] without such a study.
    fn put_codebook(
        &self,
        study: StudyId,
        new: &NewCodebook,
        seen: Option<Option<CodebookVersion>>,
        now: Timestamp,
    ) -> Result<CodebookPut, StoreError>;

    /// That version of the study's codebook.
    fn codebook(
        &self,
        study: StudyId,
        version: CodebookVersion,
    ) -> Result<Option<StoredCodebook>, StoreError>;

    /// A part of the list of a study's versions, the last first.
    fn codebooks(
        &self,
        study: StudyId,
        page: &PageRequest,
    ) -> Result<Paged<CodebookSummary>, StoreError>;
}
