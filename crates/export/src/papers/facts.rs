//! What a study says of itself, in one place.

use super::Papers;
use serde::Serialize;
use sillage_domain::codebook::{Codebook, Field, Part, PrivacyClass, Undeclared};
use sillage_domain::{
    CodebookVersion, Contact, Controller, IdentityFields, LegalRegime, NoticeSummary,
    NoticeVersion, Purposes, Recipient, Retention, Slug, StudyStatus, Timestamp,
};

/// What the record of processing says. Members that nothing is known of are `null`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Record {
    /// Of this shape: 1.
    pub format: u32,
    /// What made it: `sillage 0.1.0`.
    pub made_with: &'static str,
    /// When.
    pub made_at: Timestamp,
    /// About which study.
    pub study: StudyFact,
    /// The laws that hold for it.
    pub legal_regimes: Vec<LegalRegime>,
    /// Who decides about it.
    pub controllers: Vec<Controller>,
    /// Whom participants ask.
    pub contact: Option<Contact>,
    /// Who looks after data protection.
    pub data_protection_officer: Option<Contact>,
    /// What for.
    pub purpose: Option<String>,
    /// What allows it.
    pub legal_basis: Option<String>,
    /// About whom: `participants`, and `staff`, those who run the study.
    pub data_subjects: [&'static str; 2],
    /// What the server keeps of itself, whatever the game sends.
    pub kept_by_server: [&'static str; 4],
    /// The codebook in force.
    pub codebook_version: Option<CodebookVersion>,
    /// What becomes of what the codebook does not declare.
    pub undeclared: Option<Undeclared>,
    /// What is traced.
    pub actions: Vec<ActionFact>,
    /// What is kept with it, field by field.
    pub fields: Vec<FieldFact>,
    /// What consent is asked for.
    pub consent_purposes: Purposes,
    /// What is kept of who participants are, sealed; an empty list: nothing.
    pub identity: IdentityFields,
    /// Whether the study is anonymous from the collection on.
    pub anonymous: bool,
    /// The notices that hold.
    pub notices: Vec<NoticeFact>,
    /// To whom data go; `null` says that nothing was said, an empty list, that they go to nobody.
    pub recipients: Option<Vec<Recipient>>,
    /// Those of them in countries in which no controller is, or whose country was not said.
    pub transfers: Vec<Transfer>,
    /// How long entries are kept.
    pub retention: Option<Retention>,
    /// Under which a commission of ethics let the study pass.
    pub ethics_reference: Option<String>,
    /// Under which an authority allowed the collection of sensitive data.
    pub authorisation_reference: Option<String>,
    /// What the server does for the safety of the data.
    pub measures: Vec<Measure>,
    /// What is missing.
    pub to_complete: Vec<Gap>,
}

/// A study.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StudyFact {
    /// In addresses.
    pub slug: Slug,
    /// For people.
    pub title: String,
    /// For people; may be empty.
    pub description: String,
    /// Where it stands in its life.
    pub status: StudyStatus,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was closed, if it is.
    pub closed_at: Option<Timestamp>,
}

/// An action.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ActionFact {
    /// In entries.
    pub name: String,
    /// How many fields it carries.
    pub fields: usize,
}

/// A field, or what lies inside one: `answer`, `answer/text`, `tries/*`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldFact {
    /// Its place in the payload.
    pub name: String,
    /// What it can reveal; `null` if nobody said.
    pub privacy: Option<PrivacyClass>,
    /// The actions that carry it so; an empty list says all.
    pub actions: Vec<String>,
}

/// A notice that holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NoticeFact {
    /// Its number.
    pub version: NoticeVersion,
    /// Its language.
    pub language: String,
    /// SHA-256 of its text, in hexadecimal.
    pub sha256: String,
    /// Since when.
    pub created_at: Timestamp,
}

/// Somebody abroad to whom data go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Transfer {
    /// To whom.
    pub recipient: String,
    /// Where; `null` if nobody said.
    pub country: Option<String>,
}

/// Something that the server does for the safety of the data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Measure {
    /// Traces stand under keyed codes, whose key is not in the database.
    Pseudonyms,
    /// No address of the network and no program is kept with a trace.
    NoNetworkAddresses,
    /// Passwords are kept as slow hashes.
    HashedPasswords,
    /// Nobody sees more than a role needs, and nobody a pseudonym beside an account.
    Roles,
    /// Analysts see of payloads what the codebook says reveals nothing.
    DeidentifiedView,
    /// Nothing is taken nor exported without consent.
    CheckedConsent,
    /// People are unlinked or erased, by themselves too.
    Erasure,
    /// Who looked, exported, changed and logged in stands in a chain of records.
    Audit,
    /// The server's log has no token, password, or content.
    SilentLog,
    /// What was acknowledged is on the disk, and is exported whole.
    Durability,
}

/// Something that is missing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Gap {
    /// The member that would say it, or the section that it belongs to.
    pub about: &'static str,
    /// What, in Markdown.
    pub text: String,
}

/// What the server keeps of itself of participants.
pub const KEPT_BY_SERVER: [&str; 4] = ["account", "trace", "consent", "log-in"];

impl Record {
    pub(super) fn of(papers: &Papers<'_>) -> Self {
        let study = papers.study;
        let said = study.protection.clone();
        let codebook = papers.codebook.map(|(_, codebook)| codebook);
        let checked = (!study.consent.is_empty()).then_some(Measure::CheckedConsent);
        let measures = [
            Measure::Pseudonyms,
            Measure::NoNetworkAddresses,
            Measure::HashedPasswords,
            Measure::Roles,
            Measure::DeidentifiedView,
            Measure::Erasure,
            Measure::Audit,
            Measure::SilentLog,
            Measure::Durability,
        ];
        Self {
            format: 1,
            made_with: concat!("sillage ", env!("CARGO_PKG_VERSION")),
            made_at: papers.now,
            study: StudyFact {
                slug: study.slug.clone(),
                title: study.title.clone(),
                description: study.description.clone(),
                status: study.status,
                created_at: study.created_at,
                closed_at: study.closed_at,
            },
            transfers: transfers(&said.controllers, said.recipients.as_deref()),
            legal_regimes: said.legal_regimes,
            controllers: said.controllers,
            contact: said.contact,
            data_protection_officer: said.data_protection_officer,
            purpose: said.purpose,
            legal_basis: said.legal_basis,
            data_subjects: ["participants", "staff"],
            kept_by_server: KEPT_BY_SERVER,
            codebook_version: papers.codebook.map(|(version, _)| version),
            undeclared: codebook.map(Codebook::undeclared),
            actions: codebook.map(actions).unwrap_or_default(),
            fields: codebook.map(fields).unwrap_or_default(),
            consent_purposes: study.consent,
            identity: study.identity,
            anonymous: study.anonymous,
            notices: papers.notices.iter().map(NoticeFact::of).collect(),
            recipients: said.recipients,
            retention: said.retention,
            ethics_reference: said.ethics_reference,
            authorisation_reference: said.authorisation_reference,
            measures: measures.into_iter().chain(checked).collect(),
            to_complete: Vec::new(),
        }
    }

    /// The fields of a class.
    pub(super) fn of_class(&self, class: Option<PrivacyClass>) -> impl Iterator<Item = &FieldFact> {
        self.fields
            .iter()
            .filter(move |field| field.privacy == class)
    }

    /// Whether there are fields of that class.
    pub(super) fn has(&self, class: PrivacyClass) -> bool {
        self.of_class(Some(class)).next().is_some()
    }

    /// Whether that law holds.
    pub(super) fn under(&self, regime: LegalRegime) -> bool {
        self.legal_regimes.contains(&regime)
    }
}

impl NoticeFact {
    fn of(notice: &NoticeSummary) -> Self {
        Self {
            version: notice.version,
            language: notice.language.clone(),
            sha256: notice
                .hash
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect(),
            created_at: notice.created_at,
        }
    }
}

fn transfers(controllers: &[Controller], recipients: Option<&[Recipient]>) -> Vec<Transfer> {
    let at_home = |country: &str| {
        let countries = controllers.iter().filter_map(|one| one.country.as_deref());
        countries
            .into_iter()
            .any(|home| home.eq_ignore_ascii_case(country))
    };
    let recipients = recipients.unwrap_or_default().iter();
    recipients
        .filter(|one| !one.country.as_deref().is_some_and(at_home))
        .map(|one| Transfer {
            recipient: one.name.clone(),
            country: one.country.clone(),
        })
        .collect()
}

fn actions(codebook: &Codebook) -> Vec<ActionFact> {
    let actions = codebook.actions().iter();
    actions
        .map(|action| ActionFact {
            name: action.name().to_owned(),
            fields: codebook.fields_of(action).count(),
        })
        .collect()
}

/// Every field with what lies inside it, once for each class that it has somewhere. The member that says who played is no such field: it is
/// taken out before anything is stored.
fn fields(codebook: &Codebook) -> Vec<FieldFact> {
    let who = codebook.roles().member(Part::Participant);
    let mut found: Vec<FieldFact> = Vec::new();
    for action in codebook.actions() {
        let mut carried = Vec::new();
        for field in codebook.fields_of(action) {
            if Some(field.name()) != who {
                collect(field, field.name().to_owned(), None, &mut carried);
            }
        }
        for (name, privacy) in carried {
            let known = found
                .iter_mut()
                .find(|one| one.name == name && one.privacy == privacy);
            let action = action.name().to_owned();
            match known {
                Some(known) if known.actions.contains(&action) => {}
                Some(known) => known.actions.push(action),
                None => found.push(FieldFact {
                    name,
                    privacy,
                    actions: vec![action],
                }),
            }
        }
    }
    let all = codebook.actions().len();
    for field in &mut found {
        if all > 1 && field.actions.len() == all {
            field.actions.clear();
        }
    }
    found
}

fn collect(
    field: &Field,
    name: String,
    outer: Option<PrivacyClass>,
    found: &mut Vec<(String, Option<PrivacyClass>)>,
) {
    let class = field.privacy().or(outer);
    if field.items().is_none() && field.fields().is_empty() {
        found.push((name, class));
        return;
    }
    if let Some(items) = field.items() {
        collect(items, format!("{name}/*"), class, found);
    }
    for inner in field.fields() {
        collect(inner, format!("{name}/{}", inner.name()), class, found);
    }
}
