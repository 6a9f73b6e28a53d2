//! Information notices: what those who take part are told, in versions.

use crate::{AccountId, PageRequest, Paged, StoreError, StudyId, Timestamp};
use sha2::{Digest, Sha256};
use std::fmt;

/// The number of a notice in its study, from 1, whatever its language.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(transparent)]
pub struct NoticeVersion(pub i32);

impl fmt::Display for NoticeVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The longest notice, in characters: some thirty pages.
pub const MAX_NOTICE: usize = 64 << 10;

/// Whether a text can be a notice: it says something, and is not longer than [`MAX_NOTICE`].
pub fn is_notice(text: &str) -> bool {
    !text.trim().is_empty() && text.chars().count() <= MAX_NOTICE && !text.contains('\0')
}

/// A tag of a language (RFC 5646): two or three letters, perhaps with subtags, in small letters; `None` if it is none.
pub fn language_tag(text: &str) -> Option<String> {
    let mut parts = text.split('-');
    let primary = parts.next()?;
    let is_primary =
        (2..=3).contains(&primary.len()) && primary.bytes().all(|b| b.is_ascii_alphabetic());
    let is_subtag = |part: &str| {
        (2..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric())
    };
    (text.len() <= 35 && is_primary && parts.all(is_subtag)).then(|| text.to_ascii_lowercase())
}

/// A version of a study's notice, without its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoticeSummary {
    /// Its number.
    pub version: NoticeVersion,
    /// The language that it is in, as [`language_tag`] gives it.
    pub language: String,
    /// SHA-256 of its text.
    pub hash: [u8; 32],
    /// When it was put.
    pub created_at: Timestamp,
    /// By whom, as long as there is such an account; `None` for the command line.
    pub created_by: Option<AccountId>,
}

/// A version of a study's notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredNotice {
    /// What is known of it.
    pub summary: NoticeSummary,
    /// Markdown, as it was sent.
    pub text: String,
}

/// A notice to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewNotice {
    /// As [`language_tag`] gives it.
    pub language: String,
    /// Markdown, at most [`MAX_NOTICE`].
    pub text: String,
    /// Who puts it.
    pub by: Option<AccountId>,
}

impl NewNotice {
    /// SHA-256 of its text.
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(&self.text).into()
    }
}

/// What became of a notice that was put.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoticePut {
    /// It is a new version.
    Made(NoticeVersion),
    /// It is what holds in that language, under this number: nothing was kept.
    Same(NoticeVersion),
}

impl NoticePut {
    /// The version that holds now.
    pub const fn version(self) -> NoticeVersion {
        match self {
            Self::Made(version) | Self::Same(version) => version,
        }
    }
}

/// Keeps the notices of studies. What was put is never changed, and never taken away while there is the study: consents refer to it.
pub trait NoticeStore: Send + Sync {
    /// Keeps a notice as the next version, unless it is the one that holds in its language. No number is given twice.
    ///
    /// `seen`, if given, is the version that the caller takes for the one that holds in that language (`None` within: that there is
    /// none). Errors: [`StoreError::Stale`] if it is not; [`StoreError::NotFound`] without such a study.
    fn put_notice(
        &self,
        study: StudyId,
        new: &NewNotice,
        seen: Option<Option<NoticeVersion>>,
        now: Timestamp,
    ) -> Result<NoticePut, StoreError>;

    /// That version of the study's notice.
    fn notice(
        &self,
        study: StudyId,
        version: NoticeVersion,
    ) -> Result<Option<StoredNotice>, StoreError>;

    /// The last version in each language, the first language that was put first.
    fn notices_in_force(&self, study: StudyId) -> Result<Vec<NoticeSummary>, StoreError>;

    /// A part of the list of a study's versions, the last first.
    fn notices(
        &self,
        study: StudyId,
        page: &PageRequest,
    ) -> Result<Paged<NoticeSummary>, StoreError>;
}

/// The last version in each language, the first language that was put first, of versions in any order.
pub fn in_force(mut all: Vec<NoticeSummary>) -> Vec<NoticeSummary> {
    all.sort_by_key(|notice| notice.version);
    let mut last: Vec<NoticeSummary> = Vec::new();
    for notice in all {
        match last.iter_mut().find(|l| l.language == notice.language) {
            Some(earlier) => *earlier = notice,
            None => last.push(notice),
        }
    }
    last
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("fr", Some("fr"))]
    #[case("FR-ch", Some("fr-ch"))]
    #[case("gsw", Some("gsw"))]
    #[case("zh-Hant-TW", Some("zh-hant-tw"))]
    #[case("f", None)]
    #[case("french", None)]
    #[case("fr_CH", None)]
    #[case("fr-", None)]
    #[case("", None)]
    fn a_language_has_a_tag(#[case] text: &str, #[case] tag: Option<&str>) {
        assert_eq!(language_tag(text).as_deref(), tag);
    }

    #[test]
    fn a_text_is_known_by_its_sha_256() {
        let notice = NewNotice {
            language: "en".to_owned(),
            text: "abc".to_owned(),
            by: None,
        };
        let hex: String = notice.hash().iter().map(|b| format!("{b:02x}")).collect();
        assert_eq!(
            hex,
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }
}
