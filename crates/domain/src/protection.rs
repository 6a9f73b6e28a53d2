//! What a study says of itself to those who look after data protection, and what is missing before it may open.

use crate::account::words;
use crate::codebook::{Codebook, Part, PrivacyClass};
use crate::{CodebookStore, NoticeStore, Purposes, Removal, StoreError, Study};
use serde::{Deserialize, Serialize};
use std::fmt;

words!(
    /// A law under which a study handles personal data.
    LegalRegime {
        /// The law of the canton of Geneva (LIPAD, rsGE A 2 08): its university and its schools.
        Lipad = "LIPAD",
        /// Regulation (EU) 2016/679.
        Gdpr = "GDPR",
        /// The Swiss Federal Act on Data Protection (FADP; LPD, DSG): private persons and federal bodies.
        Fadp = "FADP",
    }
);

words!(
    /// From when on the time runs for which something is kept.
    RetentionStart {
        /// The closing of the study.
        Closing = "closing",
        /// The arrival of each entry.
        Reception = "reception",
    }
);

/// The most controllers, and the most recipients, of a study.
pub const MAX_PARTIES: usize = 50;

/// The longest time for which something is kept: a hundred years, in months.
pub const MAX_RETENTION_MONTHS: i64 = 1200;

/// Who decides why and how data are handled; several do so together (GDPR article 26).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Controller {
    /// As it stands in the notice.
    pub name: String,
    /// Where it has its seat.
    pub address: Option<String>,
    /// ISO 3166-1, two letters.
    pub country: Option<String>,
    /// Who answers for it: an address to write to, a number to call.
    pub contact: Option<String>,
}

/// Whom to ask.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// A person, or an office.
    pub name: String,
    /// Where to write.
    pub email: String,
}

/// To whom data go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recipient {
    /// A person, an institution, or a kind of them.
    pub name: String,
    /// ISO 3166-1, two letters.
    pub country: Option<String>,
    /// What for.
    pub purpose: Option<String>,
}

/// How long entries are kept, and what becomes of them then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retention {
    /// From 1 to [`MAX_RETENTION_MONTHS`].
    pub months: i64,
    /// From when on they are counted.
    pub from: RetentionStart,
    /// What becomes of participants and their entries then.
    pub then: Removal,
}

/// What a study says of how it handles personal data. A study with nothing of it may open as long as it collects nothing that asks for it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Protection {
    /// The laws that hold for it.
    pub legal_regimes: Vec<LegalRegime>,
    /// Who decides about it.
    pub controllers: Vec<Controller>,
    /// Whom participants and their parents ask.
    pub contact: Option<Contact>,
    /// Who looks after data protection at the controllers'.
    pub data_protection_officer: Option<Contact>,
    /// What for.
    pub purpose: Option<String>,
    /// What allows it: a consent, a task in the public interest, a law.
    pub legal_basis: Option<String>,
    /// To whom data go. An empty list says that they go to nobody; `None`, that nothing was said.
    pub recipients: Option<Vec<Recipient>>,
    /// How long they are kept.
    pub retention: Option<Retention>,
    /// Under which a commission of ethics let the study pass.
    pub ethics_reference: Option<String>,
    /// Under which an authority allowed the collection of sensitive data (LIPAD article 41).
    pub authorisation_reference: Option<String>,
}

/// A change of a [`Protection`]: what is `None` stays. An empty text takes a text away.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProtectionChange {
    /// See [`Protection::legal_regimes`].
    pub legal_regimes: Option<Vec<LegalRegime>>,
    /// See [`Protection::controllers`].
    pub controllers: Option<Vec<Controller>>,
    /// See [`Protection::contact`].
    pub contact: Option<Contact>,
    /// See [`Protection::data_protection_officer`].
    pub data_protection_officer: Option<Contact>,
    /// See [`Protection::purpose`].
    pub purpose: Option<String>,
    /// See [`Protection::legal_basis`].
    pub legal_basis: Option<String>,
    /// See [`Protection::recipients`].
    pub recipients: Option<Vec<Recipient>>,
    /// See [`Protection::retention`].
    pub retention: Option<Retention>,
    /// See [`Protection::ethics_reference`].
    pub ethics_reference: Option<String>,
    /// See [`Protection::authorisation_reference`].
    pub authorisation_reference: Option<String>,
}

impl Protection {
    /// Makes a change.
    pub fn apply(&mut self, change: &ProtectionChange) {
        fn put<T: Clone>(to: &mut T, changed: Option<&T>) {
            if let Some(changed) = changed {
                to.clone_from(changed);
            }
        }
        fn put_some<T: Clone>(to: &mut Option<T>, changed: Option<&T>) {
            if let Some(changed) = changed {
                *to = Some(changed.clone());
            }
        }
        fn put_text(to: &mut Option<String>, changed: Option<&String>) {
            if let Some(text) = changed {
                *to = Some(text.clone()).filter(|text| !text.trim().is_empty());
            }
        }
        put(&mut self.legal_regimes, change.legal_regimes.as_ref());
        put(&mut self.controllers, change.controllers.as_ref());
        put_some(&mut self.contact, change.contact.as_ref());
        let officer = change.data_protection_officer.as_ref();
        put_some(&mut self.data_protection_officer, officer);
        put_text(&mut self.purpose, change.purpose.as_ref());
        put_text(&mut self.legal_basis, change.legal_basis.as_ref());
        put_some(&mut self.recipients, change.recipients.as_ref());
        put_some(&mut self.retention, change.retention.as_ref());
        put_text(&mut self.ethics_reference, change.ethics_reference.as_ref());
        let authorisation = change.authorisation_reference.as_ref();
        put_text(&mut self.authorisation_reference, authorisation);
    }
}

words!(
    /// Something that a study has not said, and must before it may collect what it wants to.
    Missing {
        /// See [`Protection::legal_regimes`].
        LegalRegimes = "legal_regimes",
        /// See [`Protection::controllers`].
        Controllers = "controllers",
        /// See [`Protection::contact`].
        Contact = "contact",
        /// See [`Protection::purpose`].
        Purpose = "purpose",
        /// See [`Protection::recipients`].
        Recipients = "recipients",
        /// See [`Protection::retention`].
        Retention = "retention",
        /// See [`Protection::ethics_reference`].
        EthicsReference = "ethics_reference",
        /// See [`Protection::authorisation_reference`].
        AuthorisationReference = "authorisation_reference",
        /// A [notice](crate::NewNotice), in any language.
        Notice = "notice",
    }
);

impl Missing {
    /// What it is, and where it is put, for people who run studies.
    pub const fn summary(self) -> &'static str {
        match self {
            Self::LegalRegimes => "the laws that hold for the study",
            Self::Controllers => "who decides about it",
            Self::Contact => "whom participants ask",
            Self::Purpose => "what the data are for",
            Self::Recipients => "to whom data go; an empty list says to nobody",
            Self::Retention => "how long entries are kept, and what becomes of them then",
            Self::EthicsReference => "the reference of the commission of ethics",
            Self::AuthorisationReference => {
                "the reference of the authorisation to collect sensitive data (LIPAD article 41)"
            }
            Self::Notice => "the information notice for participants",
        }
    }
}

/// What a codebook asks of a study that collects by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Demand {
    /// Whether there are fields that name people.
    pub identifiers: bool,
    /// Whether there are fields that are themselves worth protecting.
    pub sensitive: bool,
}

impl Demand {
    /// By the privacy classes of its fields, within objects and arrays too. The member that says who played is no such field: it is taken
    /// out before anything is stored.
    pub fn of(codebook: &Codebook) -> Self {
        let who = codebook.roles().member(Part::Participant);
        let mut demand = Self::default();
        for field in codebook
            .all_fields()
            .filter(|field| Some(field.name()) != who)
        {
            let classes = field.classes();
            demand.identifiers |= classes.contains(&Some(PrivacyClass::Identifier));
            demand.sensitive |= classes.contains(&Some(PrivacyClass::Sensitive));
        }
        demand
    }
}

/// Everything that the study has not said and must, in the order of the documentation.
///
/// Nothing is asked of a study that neither collects what names people or is sensitive, nor keeps who they are, nor asks for consent. Where sensitive data are
/// collected under the law of Geneva, or under none that was named yet, the authorisation is asked for.
pub fn missing(study: &Study, demand: Demand, has_notice: bool) -> Vec<Missing> {
    let said = &study.protection;
    let asked = demand.identifiers || demand.sensitive || !study.identity.is_empty();
    let geneva = said.legal_regimes.is_empty() || said.legal_regimes.contains(&LegalRegime::Lipad);
    let lacks = |missing: &Missing| match missing {
        Missing::LegalRegimes => asked && said.legal_regimes.is_empty(),
        Missing::Controllers => asked && said.controllers.is_empty(),
        Missing::Contact => asked && said.contact.is_none(),
        Missing::Purpose => asked && said.purpose.is_none(),
        Missing::Recipients => asked && said.recipients.is_none(),
        Missing::Retention => asked && said.retention.is_none(),
        Missing::EthicsReference => asked && said.ethics_reference.is_none(),
        Missing::AuthorisationReference => {
            demand.sensitive && geneva && said.authorisation_reference.is_none()
        }
        Missing::Notice => (asked || study.consent != Purposes::NONE) && !has_notice,
    };
    Missing::ALL.iter().copied().filter(lacks).collect()
}

/// The gate of a study: looks up what its codebook asks, and whether it has a notice.
#[derive(Clone, Copy)]
pub struct Gate<'a> {
    /// Has the codebook.
    pub codebooks: &'a dyn CodebookStore,
    /// Has the notice.
    pub notices: &'a dyn NoticeStore,
}

impl Gate<'_> {
    /// What the codebook in force of a study asks.
    ///
    /// Errors: those of the store; [`StoreError::Damaged`] where its text can't be read.
    pub fn demand(&self, study: &Study) -> Result<Demand, StoreError> {
        let Some(version) = study.codebook else {
            return Ok(Demand::default());
        };
        let stored = self.codebooks.codebook(study.id, version)?;
        let stored = stored.ok_or(StoreError::NotFound)?;
        Codebook::read(&stored.text, stored.summary.format)
            .map(|codebook| Demand::of(&codebook))
            .map_err(|_| StoreError::Damaged(format!("version {version} of a codebook")))
    }

    /// What the study lacks, as it is given.
    ///
    /// Errors: as [`demand`](Self::demand).
    pub fn missing(&self, study: &Study) -> Result<Vec<Missing>, StoreError> {
        self.missing_for(study, self.demand(study)?)
    }

    /// What the study lacks for that demand.
    ///
    /// Errors: those of the store.
    pub fn missing_for(&self, study: &Study, demand: Demand) -> Result<Vec<Missing>, StoreError> {
        let without = missing(study, demand, false);
        if !without.contains(&Missing::Notice) {
            return Ok(without);
        }
        let has_notice = !self.notices.notices_in_force(study.id)?.is_empty();
        Ok(missing(study, demand, has_notice))
    }

    /// What keeps a study from becoming what `wanted` is: everything that it lacks then, where it opens, or is open and would lack more
    /// than it does. A study that opened before it lacked anything is not closed to other changes.
    ///
    /// Errors: as [`demand`](Self::demand).
    pub fn against(&self, now: &Study, wanted: &Study) -> Result<Vec<Missing>, StoreError> {
        use crate::StudyStatus::Open;
        if wanted.status != Open {
            return Ok(Vec::new());
        }
        let lacks = self.missing(wanted)?;
        if lacks.is_empty() || now.status != Open {
            return Ok(lacks);
        }
        let before = self.missing(now)?;
        Ok(grown(before, lacks))
    }

    /// What keeps a study from collecting by another codebook: everything that it would lack, where it is open and would lack more than
    /// it does.
    ///
    /// Errors: as [`demand`](Self::demand).
    pub fn against_codebook(
        &self,
        study: &Study,
        codebook: &Codebook,
    ) -> Result<Vec<Missing>, StoreError> {
        if study.status != crate::StudyStatus::Open {
            return Ok(Vec::new());
        }
        let lacks = self.missing_for(study, Demand::of(codebook))?;
        if lacks.is_empty() {
            return Ok(lacks);
        }
        let before = self.missing(study)?;
        Ok(grown(before, lacks))
    }
}

impl fmt::Debug for Gate<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Gate")
    }
}

/// All that is missing, if any of it was not missing before.
fn grown(before: Vec<Missing>, lacks: Vec<Missing>) -> Vec<Missing> {
    if lacks.iter().all(|one| before.contains(one)) {
        Vec::new()
    } else {
        lacks
    }
}

#[cfg(test)]
#[cfg(feature = "testing")]
mod tests;
