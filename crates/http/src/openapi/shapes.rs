//! The shapes of single values: what the checks of a request ask of them, in the words of JSON Schema.
//!
//! A request type names one with `#[schema(value_type = Option<shapes::Slug>)]`, a parameter with `#[param(value_type = ...)]`.
//! Generated clients check by them, and the suite holds the server to them: what fits is taken, what does not is refused.
#![expect(dead_code, reason = "they describe")]

use sillage_auth::ScopeWord;
use sillage_domain as domain;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

/// What a study is called in paths: small letters, digits and hyphens.
#[derive(ToSchema)]
#[schema(pattern = "^[a-z0-9-]{1,64}$", example = "tsadk")]
pub(crate) struct Slug(String);

/// What somebody logs in with: a code, not a name. Letters, digits and `. _ - @`; case folded, unique on the server.
#[derive(ToSchema)]
// Of other alphabets than ours the pattern lets more through than the server does: it has no word for their letters.
#[schema(
    pattern = r"^[^\s\x00-,/:-?\[-^`{-\x7f]{1,64}$",
    example = "classe-a-01"
)]
pub(crate) struct Username(String);

/// At most 72 bytes in UTF-8, and no NUL.
#[derive(ToSchema)]
#[schema(min_length = 8, max_length = 72, pattern = r"^[^\x00]*$", format = Password)]
pub(crate) struct Password(String);

/// A line of text that is printed: no control characters, and not only white space.
#[derive(ToSchema)]
#[schema(
    pattern = r"^(?=.*\S)[^\x00-\x1f\x7f-\x9f]{1,200}$",
    example = "https://game.example.org"
)]
pub(crate) struct Line(String);

/// A web address.
#[derive(ToSchema)]
#[schema(
    max_length = 200,
    pattern = r"^https?://[A-Za-z0-9\[][!-~]*$",
    example = "https://game.example.org/"
)]
pub(crate) struct GameUrl(String);

/// A web address, or nothing, which takes it away.
#[derive(ToSchema)]
#[schema(
    max_length = 200,
    pattern = r"^(https?://[A-Za-z0-9\[][!-~]*)?$",
    example = "https://game.example.org/"
)]
pub(crate) struct ChangedGameUrl(String);

/// What the game calls something: no control characters, no white space around it.
#[derive(ToSchema)]
#[schema(
    pattern = r"^[^\s\x00-\x1f\x7f-\x9f]([^\x00-\x1f\x7f-\x9f]{0,126}[^\s\x00-\x1f\x7f-\x9f])?$",
    example = "s-81"
)]
pub(crate) struct Name(String);

/// ISO 8601, with `Z` or an offset.
#[derive(ToSchema)]
#[schema(format = DateTime, example = "2024-05-18T10:17:33.109Z")]
pub(crate) struct Instant(String);

/// Seconds, or hours, minutes and seconds as ISO 8601 has them.
#[derive(ToSchema)]
#[schema(
    pattern = "^([0-9]{1,9}|PT(?=[0-9])([0-9]{1,6}H)?([0-9]{1,6}M)?([0-9]{1,6}S)?)$",
    example = "PT5M"
)]
pub(crate) struct Duration(String);

/// Rules of cleaning, with commas between them.
#[derive(ToSchema)]
#[schema(
    pattern = "^(times|duplicates|sessions|values)(,(times|duplicates|sessions|values))*$",
    example = "times,duplicates"
)]
pub(crate) struct Cleaning(String);

/// A language, as BCP 47 tags it.
#[derive(ToSchema)]
#[schema(
    pattern = "^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$",
    max_length = 35,
    example = "fr"
)]
pub(crate) struct Language(String);

/// A text in Markdown: no NUL, and not only white space.
#[derive(ToSchema)]
#[schema(
    pattern = r"^[^\x00]*[^\s\x00][^\x00]*$",
    max_length = 65536,
    example = "# What we keep"
)]
pub(crate) struct NoticeText(String);

/// A country: two letters of ISO 3166-1.
#[derive(ToSchema)]
#[schema(pattern = "^[A-Z]{2}$", example = "CH")]
pub(crate) struct Country(String);

/// An e-mail address.
#[derive(ToSchema)]
#[schema(
    max_length = 200,
    pattern = r"^[^\s@\x00-\x1f\x7f-\x9f]+@[^\s@\x00-\x1f\x7f-\x9f]+$",
    example = "team@example.org"
)]
pub(crate) struct Email(String);

/// A line of text that is printed, or nothing, which takes it away.
#[derive(ToSchema)]
#[schema(
    pattern = r"^((?=.*\S)[^\x00-\x1f\x7f-\x9f]{1,200})?$",
    example = "CUREG-2024-17"
)]
pub(crate) struct ChangedLine(String);

/// An e-mail address, or nothing, which takes it away.
#[derive(ToSchema)]
#[schema(
    max_length = 200,
    pattern = r"^([^\s@\x00-\x1f\x7f-\x9f]+@[^\s@\x00-\x1f\x7f-\x9f]+)?$",
    example = "chiara@example.org"
)]
pub(crate) struct ChangedEmail(String);

/// The code that stands for a participant in every log entry; the last symbol checks the others.
#[derive(ToSchema)]
#[schema(
    pattern = "^P-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z*~$=U]$",
    example = "P-7QX4-M2K9-T0BC-5"
)]
pub(crate) struct Pseudonym(String);

/// Under which an account stands in the audit log.
#[derive(ToSchema)]
#[schema(
    pattern = "^[0-9a-f]{32}$",
    example = "5d1c8e0e2f1a4c7b9a3d6f0e1b2c3d4e"
)]
pub(crate) struct AuditReference(String);

/// Any integer, however far from those that there are.
pub(crate) enum Number {}

impl PartialSchema for Number {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::Integer)
            .build()
            .into()
    }
}

impl ToSchema for Number {}

/// What people call something: one line.
#[derive(ToSchema)]
#[schema(pattern = r"^[^\x00-\x1f\x7f-\x9f]{1,200}$", example = "Game server")]
pub(crate) struct Label(String);

/// What people call a study: one line.
#[derive(ToSchema)]
#[schema(pattern = r"^[^\x00-\x1f\x7f-\x9f]{1,200}$", example = "TSADK")]
pub(crate) struct Title(String);

/// A text for people: no control characters, but tabs and the ends of lines.
#[derive(ToSchema)]
#[schema(
    pattern = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]{0,4000}$",
    example = "Who learns what while playing?"
)]
pub(crate) struct Lines(String);

/// What a token may be used for, at most: words between spaces (RFC 6749 section 3.3).
pub(crate) enum Scope {}

impl PartialSchema for Scope {
    fn schema() -> RefOr<Schema> {
        let words: Vec<_> = ScopeWord::ALL.iter().map(|word| word.as_str()).collect();
        let word = format!("({})", words.join("|"));
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some(
                "Words between spaces, of which none widens what the holder may do",
            ))
            .pattern(Some(format!("^ *{word}( +{word})* *$")))
            .examples(["logs:write"])
            .build()
            .into()
    }
}

impl ToSchema for Scope {}

/// The shape of what is one of some words.
macro_rules! words {
    ($($(#[doc = $doc:literal])+ $name:ident: $words:expr;)+) => {$(
        $(#[doc = $doc])+
        pub(crate) enum $name {}

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                one_of($words, concat!($($doc),+))
            }
        }

        impl ToSchema for $name {}
    )+};
}

words! {
    /// Where a study stands in its life.
    StudyStatus: domain::StudyStatus::ALL.iter().map(|one| one.as_str());
    /// What happens to entries that do not fit.
    Validation: domain::Validation::ALL.iter().map(|one| one.as_str());
    /// How somebody is taken out.
    Removal: domain::Removal::ALL.iter().map(|one| one.as_str());
    /// What somebody is in a study.
    StudyRole: domain::StudyRole::ALL.iter().map(|one| one.as_str());
    /// Whether an application can keep a secret.
    ClientType: domain::ClientType::ALL.iter().map(|one| one.as_str());
    /// A way to a token.
    GrantType: domain::GrantType::ALL.iter().map(|one| one.as_str());
    /// What somebody who runs studies is on the server.
    UserRole: [domain::Role::Admin, domain::Role::Researcher].iter().map(|one| one.as_str());
    /// `deleted`: only the tombstone is left.
    EntryStatus: domain::EntryStatus::ALL.iter().map(|one| one.as_str());
    /// In which order; with `-`, the last first.
    LogSort: ["received", "-received", "timestamp", "-timestamp"].into_iter();
    /// Of a file.
    ExportFormat: sillage_export::Format::ALL.iter().map(|one| one.as_str());
    /// Of what is held of the caller.
    OwnFormat: ["json", "csv"].into_iter();
    /// Who opens the file.
    ExportProfile: sillage_export::Profile::ALL.iter().map(|one| one.as_str());
    /// How much of the entries it holds.
    ExportView: sillage_export::View::ALL.iter().map(|one| one.as_str());
    /// What one row of it is.
    ExportTable: sillage_export::Table::ALL.iter().map(|one| one.as_str());
    /// How entries become rows.
    ExportShape: ["long", "wide"].into_iter();
    /// By which times something is counted.
    Period: ["day", "hour"].into_iter();
    /// A law.
    LegalRegime: domain::LegalRegime::ALL.iter().map(|one| one.as_str());
    /// From when on the time runs for which something is kept.
    RetentionStart: domain::RetentionStart::ALL.iter().map(|one| one.as_str());
    /// What entries may be used for.
    Purpose: domain::Purpose::ALL.iter().map(|one| one.as_str());
    /// What entries may be exported for.
    ExportPurpose: domain::Purpose::ALL.iter().skip(1).map(|one| one.as_str());
    /// What somebody decided.
    Decision: domain::Decision::ALL.iter().map(|one| one.as_str());
    /// What a second person says.
    Opinion: ["approved", "refused"].into_iter();
    /// What was done, in the audit log.
    AuditAction: domain::AuditAction::ALL.iter().map(|one| one.as_str());
    /// By whom it was decided.
    DecidedBy: domain::DecidedBy::ALL.iter().take(2).map(|one| one.as_str());
    /// By whom it was decided, where somebody else writes it down.
    RecordedBy: domain::DecidedBy::ALL.iter().skip(1).map(|one| one.as_str());
    /// What somebody asks for.
    RequestKind: domain::RequestKind::ALL.iter().map(|one| one.as_str());
    /// How a request was answered.
    RequestOutcome: domain::RequestOutcome::ALL.iter().map(|one| one.as_str());
    /// Which alerts.
    AlertChoice: crate::controllers::alerts::CHOICES.iter().copied();
    /// What an alert is about.
    AlertKind: domain::AlertKind::ALL.iter().map(|one| one.as_str());
    /// Whether a request was answered.
    RequestState: ["open", "answered"].into_iter();
    /// Which part of what is held of the caller.
    OwnTable: ["entries", "quarantine", "about"].into_iter();
    /// What a study may keep of who its participants are.
    IdentityField: domain::IdentityField::ALL.iter().map(|one| one.as_str());
    /// The form of a notice.
    DataFormat: ["markdown", "html", "text", "texte"].into_iter();
    /// How a body is compressed; `identity` is not at all, as is nothing.
    ContentEncoding: ["gzip", "identity", ""].into_iter();
}

fn one_of<'a>(words: impl Iterator<Item = &'a str>, description: &str) -> RefOr<Schema> {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .description(Some(description.trim()))
        .enum_values(Some(words))
        .build()
        .into()
}

/// A kind of fault.
#[derive(ToSchema)]
#[schema(pattern = "^[a-z_]{1,64}$", example = "missing")]
pub(crate) struct Word(String);

/// Why something is thrown away: for people, and kept.
#[derive(ToSchema)]
#[schema(
    pattern = r"^(?=.*\S)[^\x00-\x1f\x7f-\x9f]{1,500}$",
    example = "a pilot run"
)]
pub(crate) struct Reason(String);

/// What somebody says for himself: several lines if need be.
#[derive(ToSchema)]
#[schema(
    pattern = r"^[^\s\x00-\x1f\x7f-\x9f]([^\x00-\x09\x0b-\x1f\x7f-\x9f]{0,1998}[^\s\x00-\x1f\x7f-\x9f])?$",
    example = "My brother played that evening."
)]
pub(crate) struct Remark(String);

/// What a request is known by where it is kept: a number, and no name.
#[derive(ToSchema)]
#[schema(pattern = "^[A-Za-z0-9._/-]{1,64}$", example = "2024-17")]
pub(crate) struct FileReference(String);

/// A day, of 1970 or later.
#[derive(ToSchema)]
#[schema(format = Date, example = "2024-05-18")]
pub(crate) struct Day(String);

/// Numbers, with commas between.
#[derive(ToSchema)]
#[schema(pattern = "^[0-9]{1,18}(,[0-9]{1,18}){0,499}$", example = "12,15")]
pub(crate) struct Ids(String);
