//! Codebooks.

use crate::codebooks::Done;
use crate::response::etag;
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};
use sillage_domain::codebook::{CodebookFormat, Difference};
use sillage_domain::{CodebookPut, CodebookSummary, CodebookVersion, Slug, Timestamp, Username};
use utoipa::ToSchema;

/// The media type of a text in that format.
pub(crate) const fn media_type(format: CodebookFormat) -> &'static str {
    match format {
        CodebookFormat::Toml => "application/toml",
        CodebookFormat::Json => "application/json",
    }
}

/// The format of that media type; JSON for whatever is none of them.
pub(crate) fn format_of(media: &str) -> CodebookFormat {
    let is = |format: &&CodebookFormat| media_type(**format) == media;
    let known = CodebookFormat::ALL.iter().find(is);
    known.copied().unwrap_or(CodebookFormat::Json)
}

/// The tag of a version in that format: other bytes, so another tag.
pub(crate) fn tag_of(summary: &CodebookSummary, format: CodebookFormat) -> String {
    let version = summary.version.0.to_be_bytes();
    let created = summary.created_at.micros().to_be_bytes();
    etag(&[
        &version,
        &summary.hash,
        &created,
        format.as_str().as_bytes(),
    ])
}

/// The tags of a version in every format.
pub(crate) fn tags_of(summary: &CodebookSummary) -> Vec<String> {
    let formats = CodebookFormat::ALL.iter();
    formats.map(|format| tag_of(summary, *format)).collect()
}

/// Where a version is.
fn uri(root: &str, slug: &Slug, version: CodebookVersion) -> String {
    format!("{root}/v1/studies/{slug}/codebook?version={version}")
}

/// What became of a codebook that was put.
pub(crate) struct Put<'a> {
    pub(crate) root: &'a str,
    pub(crate) slug: &'a Slug,
    pub(crate) done: &'a Done,
}

impl Put<'_> {
    pub(crate) fn uri(&self) -> String {
        uri(self.root, self.slug, self.done.put.version())
    }
}

impl Serialize for Put<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let done = self.done;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("version", &done.put.version())?;
        map.serialize_entry("uri", &self.uri())?;
        let changed = matches!(done.put, CodebookPut::Made(_));
        map.serialize_entry("changed", &changed)?;
        let none = Vec::new();
        let differences = match &done.before {
            Some((before, differences)) => {
                map.serialize_entry("previous", before)?;
                differences
            }
            None => &none,
        };
        map.serialize_entry("compatible", &all_compatible(differences))?;
        map.serialize_entry("differences", &said(differences))?;
        map.end()
    }
}

fn all_compatible(differences: &[Difference]) -> bool {
    differences.iter().all(Difference::is_compatible)
}

fn said(differences: &[Difference]) -> Vec<DifferenceView> {
    let said = |difference: &Difference| DifferenceView {
        difference: difference.clone(),
        compatible: difference.is_compatible(),
        message: difference.to_string(),
    };
    differences.iter().map(said).collect()
}

/// What became of a codebook that was put.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes what Put writes")]
pub(crate) struct CodebookTaken {
    /// The version that holds now.
    version: i32,
    /// Its URL.
    uri: String,
    /// `false` if it means the same as the last version, so that nothing was kept.
    changed: bool,
    /// The version before, if this one was made now and is not the first.
    previous: Option<i32>,
    /// Whether every entry that fitted the version before fits this one.
    compatible: bool,
    /// What is other than in the version before.
    differences: Vec<DifferenceFace>,
}

/// Something that is different, as it is shown.
#[derive(Serialize)]
struct DifferenceView {
    #[serde(flatten)]
    difference: Difference,
    compatible: bool,
    message: String,
}

/// Something that is different between two versions.
#[derive(ToSchema)]
#[schema(as = CodebookDifference)]
#[expect(dead_code, reason = "it describes what DifferenceView writes")]
pub(crate) struct DifferenceFace {
    /// The place (RFC 6901) in the new version; in the old one of what is no longer there.
    #[schema(example = "/actions/jump/fields/height")]
    pointer: String,
    /// What is different: a word. Some have members of their own, such as `key`, `from` and `to`.
    #[schema(example = "required_field_added")]
    change: String,
    /// Whether every entry that fitted before fits after, as far as this is concerned.
    compatible: bool,
    /// In English.
    message: String,
}

/// Two versions beside each other.
#[derive(Serialize, ToSchema)]
#[schema(as = CodebookComparison)]
pub(crate) struct Comparison {
    /// A version.
    from: i32,
    /// Another one.
    to: i32,
    /// Whether every entry that fits the one fits the other.
    compatible: bool,
    /// What is different.
    #[schema(value_type = Vec<DifferenceFace>)]
    differences: Vec<DifferenceView>,
}

impl Comparison {
    pub(crate) fn new(from: CodebookVersion, to: CodebookVersion, found: &[Difference]) -> Self {
        Self {
            from: from.0,
            to: to.0,
            compatible: all_compatible(found),
            differences: said(found),
        }
    }
}

/// A version of a codebook.
#[derive(Serialize, ToSchema)]
#[schema(as = CodebookVersion)]
pub(crate) struct VersionView<'a> {
    /// Its number, from 1.
    #[schema(example = 3)]
    version: i32,
    /// Its URL.
    uri: String,
    /// How it was put: `application/toml` or `application/json`.
    #[schema(example = "application/toml")]
    format: &'static str,
    /// SHA-256 of what it means, in hexadecimal.
    hash: String,
    /// When it was put.
    #[schema(value_type = String, example = "2024-05-18T10:17:33.109000Z")]
    created_at: Timestamp,
    /// Who put it, as long as there is such an account: for those who may see who runs the study. Absent for the command line.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "mia")]
    created_by: Option<&'a Username>,
}

impl<'a> VersionView<'a> {
    /// `by`: its name, for those who may see it.
    pub(crate) fn new(
        root: &str,
        slug: &Slug,
        one: &CodebookSummary,
        by: Option<&'a Username>,
    ) -> Self {
        let hash = one.hash.iter().map(|byte| format!("{byte:02x}"));
        Self {
            version: one.version.0,
            uri: uri(root, slug, one.version),
            format: media_type(one.format),
            hash: hash.collect(),
            created_at: one.created_at,
            created_by: by,
        }
    }
}
