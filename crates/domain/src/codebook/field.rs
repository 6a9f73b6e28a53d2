//! Fields: what a member of a payload may hold, and what it means.

use super::Number;
use crate::Timestamp;
use crate::account::words;
use std::fmt;

words!(
    /// What a field holds.
    FieldType {
        /// A text.
        String = "string",
        /// A number without a fraction, of any size; `30.0` is one.
        Integer = "integer",
        /// Any number.
        Number = "number",
        /// True or false.
        Boolean = "boolean",
        /// A text with a date and time in ISO 8601, and its offset from UTC.
        Datetime = "datetime",
        /// A list.
        Array = "array",
        /// Members of its own.
        Object = "object",
    }
);

words!(
    /// What a field can reveal about somebody; it decides what leaves the server in which export.
    PrivacyClass {
        /// Names one person by itself: a number of a pupil, an e-mail address.
        Identifier = "identifier",
        /// Narrows down who it is, together with others: age, school, class.
        QuasiIdentifier = "quasi-identifier",
        /// Is itself worth protecting: health, opinions, grades.
        Sensitive = "sensitive",
        /// Was typed by somebody, and may hold anything.
        FreeText = "free-text",
        /// None of these.
        Other = "other",
    }
);

words!(
    /// What becomes of an entry with fields that its codebook does not have.
    Undeclared {
        /// They are kept; no de-identified export shows them.
        Keep = "keep",
        /// The entry does not fit.
        Refuse = "refuse",
    }
);

/// A text in several languages.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Texts(pub(crate) Vec<(Box<str>, Box<str>)>);

impl Texts {
    /// The tag of a text that does not say its language (RFC 5646 section 4.1).
    pub const UNDETERMINED: &'static str = "und";

    /// The text in that language, for a tag such as `fr` or `fr-CH`; else the one without a language, the English, or the first.
    pub fn get(&self, language: &str) -> Option<&str> {
        let primary = language.split('-').next().unwrap_or(language);
        [language, primary, Self::UNDETERMINED, "en"]
            .into_iter()
            .find_map(|wanted| self.exact(wanted))
            .or_else(|| self.0.first().map(|(_, text)| &**text))
    }

    fn exact(&self, wanted: &str) -> Option<&str> {
        let found = self
            .0
            .iter()
            .find(|(tag, _)| tag.eq_ignore_ascii_case(wanted));
        found.map(|(_, text)| &**text)
    }

    /// Tags and texts, as they stand in the codebook.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(tag, text)| (&**tag, &**text))
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// A value that stands in a codebook: of an enumeration, a bound, a code for a missing value.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Scalar {
    /// A text, in NFC.
    Text(Box<str>),
    /// A number.
    Number(Number),
    /// An instant, for a field of that type.
    Time(Timestamp),
}

impl fmt::Display for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Number(number) => number.fmt(f),
            Self::Time(time) => time.fmt(f),
        }
    }
}

/// A field: one member of a payload, of an object within it, or the items of an array.
///
/// Texts are compared, measured and matched in NFC, so that two spellings of one text are one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    pub(crate) name: Box<str>,
    pub(crate) kind: FieldType,
    pub(crate) required: bool,
    pub(crate) enumeration: Vec<Scalar>,
    pub(crate) minimum: Option<Scalar>,
    pub(crate) maximum: Option<Scalar>,
    pub(crate) min_length: Option<u32>,
    pub(crate) max_length: Option<u32>,
    pub(crate) pattern: Option<Box<str>>,
    pub(crate) unit: Option<Box<str>>,
    pub(crate) missing: Vec<Scalar>,
    pub(crate) privacy: Option<PrivacyClass>,
    pub(crate) label: Texts,
    pub(crate) description: Texts,
    pub(crate) items: Option<Box<Field>>,
    pub(crate) fields: Vec<Field>,
    pub(crate) undeclared: Option<Undeclared>,
}

impl Field {
    /// A field of that name and type, without any rule.
    pub(crate) fn new(name: impl Into<Box<str>>, kind: FieldType) -> Self {
        Self {
            name: name.into(),
            kind,
            required: false,
            enumeration: Vec::new(),
            minimum: None,
            maximum: None,
            min_length: None,
            max_length: None,
            pattern: None,
            unit: None,
            missing: Vec::new(),
            privacy: None,
            label: Texts::default(),
            description: Texts::default(),
            items: None,
            fields: Vec::new(),
            undeclared: None,
        }
    }

    /// Its name, in NFC; the items of an array have the name of the array.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it holds.
    pub fn kind(&self) -> FieldType {
        self.kind
    }

    /// Whether it is in every entry; a member that is null is as good as absent.
    pub fn required(&self) -> bool {
        self.required
    }

    /// The values that it may have; any, if there are none.
    pub fn enumeration(&self) -> &[Scalar] {
        &self.enumeration
    }

    /// The smallest value, inclusive.
    pub fn minimum(&self) -> Option<&Scalar> {
        self.minimum.as_ref()
    }

    /// The greatest value, inclusive.
    pub fn maximum(&self) -> Option<&Scalar> {
        self.maximum.as_ref()
    }

    /// The fewest characters of a text, or items of an array.
    pub fn min_length(&self) -> Option<u32> {
        self.min_length
    }

    /// The most characters of a text, or items of an array.
    pub fn max_length(&self) -> Option<u32> {
        self.max_length
    }

    /// A regular expression that the whole text matches, in the syntax of the crate `regex`.
    pub fn pattern(&self) -> Option<&str> {
        self.pattern.as_deref()
    }

    /// What it is measured in.
    pub fn unit(&self) -> Option<&str> {
        self.unit.as_deref()
    }

    /// Values that stand for "there is none": they fit whatever the other rules say.
    pub fn missing(&self) -> &[Scalar] {
        &self.missing
    }

    /// Its privacy class; `None` where the researchers have not decided yet, and then no de-identified export shows it.
    pub fn privacy(&self) -> Option<PrivacyClass> {
        self.privacy
    }

    /// A short name for people.
    pub fn label(&self) -> &Texts {
        &self.label
    }

    /// What it means, for people.
    pub fn description(&self) -> &Texts {
        &self.description
    }

    /// What an array holds; anything, if `None`.
    pub fn items(&self) -> Option<&Field> {
        self.items.as_deref()
    }

    /// The fields of an object.
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// What becomes of an object with other members; `None` for what the codebook says of all.
    pub fn undeclared(&self) -> Option<Undeclared> {
        self.undeclared
    }

    /// The privacy classes of the field and of all that is within it, for whoever shows it whole. What has no class of its own has
    /// that of what it is in.
    pub fn classes(&self) -> Vec<Option<PrivacyClass>> {
        let mut classes = Vec::new();
        self.collect_classes(None, &mut classes);
        classes
    }

    fn collect_classes(
        &self,
        outer: Option<PrivacyClass>,
        classes: &mut Vec<Option<PrivacyClass>>,
    ) {
        let own = self.privacy.or(outer);
        if !classes.contains(&own) {
            classes.push(own);
        }
        for inner in self.items.iter().map(|items| &**items).chain(&self.fields) {
            inner.collect_classes(own, classes);
        }
    }
}
