//! What a study says to those who look after data protection, as texts to complete and sign: the record of processing, an impact
//! assessment, an information notice.
//!
//! They are made from what the study says of itself and from its codebook, and from nothing else: no entry, no account and no consent of
//! anybody is looked at. What the study does not say is named as missing, and is never made up.

mod assessment;
mod facts;
mod languages;
mod markdown;
mod notice;
mod page;
mod record;
mod risks;
mod sections;

pub use facts::{
    ActionFact, FieldFact, Gap, KEPT_BY_SERVER, Measure, NoticeFact, Record, StudyFact, Transfer,
};
pub use languages::PaperLanguage;
use page::Page;
use sillage_domain::codebook::Codebook;
use sillage_domain::{CodebookVersion, NoticeSummary, Study, Timestamp};

/// What papers are made from.
#[derive(Clone, Copy)]
pub struct Papers<'a> {
    /// What it says of itself.
    pub study: &'a Study,
    /// The codebook in force, if there is one.
    pub codebook: Option<(CodebookVersion, &'a Codebook)>,
    /// The notices that hold, one for each language.
    pub notices: &'a [NoticeSummary],
    /// When they are made.
    pub now: Timestamp,
}

/// A paper in Markdown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paper {
    /// The text.
    pub text: String,
    /// What is to be completed, in the order of the text, each once.
    pub gaps: Vec<Gap>,
}

impl Papers<'_> {
    /// What the record of processing says, for programs. Its shape is that of `docs/privacy/record.schema.json`.
    pub fn record(&self, language: PaperLanguage) -> Record {
        let mut record = self.facts();
        record.to_complete = self.record_text(language).gaps;
        record
    }

    /// The record of processing (GDPR article 30, FADP article 12, the register of LIPAD), as text.
    pub fn record_text(&self, language: PaperLanguage) -> Paper {
        record::write(&self.facts(), Page::new(language))
    }

    /// A skeleton of the impact assessment (GDPR article 35(7), FADP article 22), filled in with what is known.
    pub fn impact_assessment(&self, language: PaperLanguage) -> Paper {
        assessment::write(&self.facts(), Page::new(language))
    }

    /// A template of the information notice (GDPR article 13, FADP article 19), for those who take part.
    pub fn notice(&self, language: PaperLanguage) -> Paper {
        notice::write(
            &self.facts(),
            self.codebook.map(|(_, codebook)| codebook),
            Page::new(language),
        )
    }

    fn facts(&self) -> Record {
        Record::of(self)
    }
}

impl std::fmt::Debug for Papers<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Papers")
            .field("study", &self.study.slug)
            .finish_non_exhaustive()
    }
}
