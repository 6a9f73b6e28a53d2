//! A paper while it is written.

use super::markdown::plain;
use super::{Gap, Paper, PaperLanguage, Record};
use sillage_domain::LegalRegime;

/// Markdown that grows downwards, and what was found missing.
pub(super) struct Page {
    pub(super) language: PaperLanguage,
    text: String,
    gaps: Vec<Gap>,
}

impl Page {
    pub(super) fn new(language: PaperLanguage) -> Self {
        Self {
            language,
            text: String::new(),
            gaps: Vec::new(),
        }
    }

    pub(super) fn say(&self, english: &'static str, french: &'static str) -> &'static str {
        self.language.say(english, french)
    }

    /// A heading of that level; the text is Markdown, here and below.
    pub(super) fn heading(&mut self, level: usize, text: &str) {
        self.block(&format!("{} {text}", "#".repeat(level)));
    }

    pub(super) fn paragraph(&mut self, text: &str) {
        self.block(text);
    }

    pub(super) fn quote(&mut self, text: &str) {
        self.block(&format!("> {text}"));
    }

    pub(super) fn list(&mut self, items: impl IntoIterator<Item = String>) {
        let items: Vec<_> = items.into_iter().map(|item| format!("- {item}")).collect();
        self.block(&items.join("\n"));
    }

    pub(super) fn table<const N: usize>(
        &mut self,
        header: [&str; N],
        rows: impl IntoIterator<Item = [String; N]>,
    ) {
        let line = |cells: &[String; N]| format!("| {} |", cells.join(" | "));
        let mut lines = vec![
            line(&header.map(str::to_owned)),
            format!("|{}", "---|".repeat(N)),
        ];
        lines.extend(rows.into_iter().map(|row| line(&row)));
        self.block(&lines.join("\n"));
    }

    fn block(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        self.text.push_str(text);
        self.text.push('\n');
    }

    /// Says what is missing, in bold, and remembers it. `about` is the member of the record that would say it; what there is none for is the
    /// name of its section. The text is Markdown.
    pub(super) fn gap(&mut self, about: &'static str, text: impl Into<String>) -> String {
        let text = text.into();
        let shown = format!(
            "**{} {text}**",
            self.say("To be completed:", "À compléter :")
        );
        let gap = Gap { about, text };
        if !self.gaps.contains(&gap) {
            self.gaps.push(gap);
        }
        shown
    }

    /// What people wrote; or that it is missing.
    pub(super) fn text_or(
        &mut self,
        text: Option<&str>,
        about: &'static str,
        missing: &'static str,
    ) -> String {
        match text.map(plain).filter(|text| !text.is_empty()) {
            Some(text) => text,
            None => self.gap(about, missing),
        }
    }

    /// Which articles ask for a section, of the laws that hold for the study.
    pub(super) fn asked_by(&mut self, record: &Record, gdpr: &str, fadp: &str, lipad: &str) {
        let of = |regime: LegalRegime| match regime {
            LegalRegime::Gdpr => (self.say("GDPR article", "RGPD article"), gdpr),
            LegalRegime::Fadp => (self.say("FADP article", "LPD article"), fadp),
            LegalRegime::Lipad => (self.say("LIPAD article", "LIPAD article"), lipad),
        };
        let asked = record.legal_regimes.iter().map(|regime| of(*regime));
        let asked: Vec<_> = asked
            .filter(|(_, article)| !article.is_empty())
            .map(|(law, article)| format!("{law} {article}"))
            .collect();
        if !asked.is_empty() {
            self.paragraph(&format!("*{}*", asked.join("; ")));
        }
    }

    /// The end of a paper: what is missing, once more, in one place.
    pub(super) fn gaps(&mut self, heading: &str) {
        self.heading(2, heading);
        if self.gaps.is_empty() {
            let nothing = self.say(
                "Nothing that the server could tell. Whether that is enough is for those to say who answer for it.",
                "Rien que le serveur puisse voir. Savoir si cela suffit revient à celles et ceux qui en répondent.",
            );
            return self.paragraph(nothing);
        }
        let gaps: Vec<_> = self.gaps.iter().map(|gap| gap.text.clone()).collect();
        self.list(gaps.into_iter().map(|gap| format!("[ ] {gap}")));
    }

    pub(super) fn done(self) -> Paper {
        Paper {
            text: self.text,
            gaps: self.gaps,
        }
    }
}
