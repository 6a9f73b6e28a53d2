//! Rows of consents, and what they stand for.

use crate::error::Error;
use crate::logs::{damaged, instant};
use crate::schema::{consent_events, consents};
use diesel::prelude::*;
use sillage_domain::{
    AccountId, Consent, ConsentEvent, DecidedBy, Decision, Decisions, Holds, NoticeShown,
    NoticeVersion, Pseudonym, Purpose, Purposes,
};

/// The number of [`Decision::Given`].
pub(crate) const GIVEN: i16 = 1;
/// Those of [`Decision::Refused`] and [`Decision::Withdrawn`], and all above them.
pub(crate) const DENIED: i16 = 2;

const fn number(decision: Decision) -> i16 {
    match decision {
        Decision::Given => GIVEN,
        Decision::Refused => DENIED,
        Decision::Withdrawn => 3,
    }
}

/// What a decision changes of a row: the purposes that it is about.
#[derive(AsChangeset)]
#[diesel(table_name = consents)]
pub(super) struct Changed {
    pub(super) collection: Option<i16>,
    pub(super) research: Option<i16>,
    pub(super) reuse: Option<i16>,
    pub(super) publication: Option<i16>,
}

impl Changed {
    pub(super) fn of(consent: &Consent) -> Self {
        let of = |purpose| {
            let is_about = consent.purposes.contains(purpose);
            is_about.then(|| number(consent.decision))
        };
        Self {
            collection: of(Purpose::Collection),
            research: of(Purpose::Research),
            reuse: of(Purpose::Reuse),
            publication: of(Purpose::Publication),
        }
    }
}

/// What holds for one person.
#[derive(Queryable, Selectable)]
#[diesel(table_name = consents)]
pub(crate) struct Standing {
    study_id: i64,
    pseudonym: i64,
    collection: i16,
    research: i16,
    reuse: i16,
    publication: i16,
    holds: i16,
}

impl Standing {
    pub(crate) fn pseudonym(&self) -> Result<Pseudonym, Error> {
        Pseudonym::from_i64(self.pseudonym)
            .map_err(|_| damaged("consents", self.study_id, "pseudonym"))
    }

    pub(crate) fn decisions(&self) -> Result<Decisions, Error> {
        let columns = [
            (Purpose::Collection, self.collection),
            (Purpose::Research, self.research),
            (Purpose::Reuse, self.reuse),
            (Purpose::Publication, self.publication),
        ];
        let mut decisions = Decisions::default();
        decisions.hold(holds(self.study_id, self.holds)?);
        for (purpose, column) in columns {
            let decision = Decision::ALL.iter().find(|one| number(**one) == column);
            match (decision, column) {
                (Some(decision), _) => decisions.decide(*decision, Purposes::from_iter([purpose])),
                (None, 0) => {}
                _ => return Err(damaged("consents", self.study_id, purpose.as_str())),
            }
        }
        Ok(decisions)
    }
}

/// The holds of a row.
pub(crate) fn holds(study: i64, bits: i16) -> Result<Holds, Error> {
    let holds = u8::try_from(bits).ok().and_then(Holds::from_bits);
    holds.ok_or_else(|| damaged("consents", study, "holds"))
}

/// A decision of a history.
#[derive(Queryable, Selectable)]
#[diesel(table_name = consent_events)]
pub(super) struct EventRow {
    id: i64,
    decision: String,
    purposes: i16,
    decided_by: String,
    notice_version: Option<i32>,
    notice_language: Option<String>,
    notice_hash: Option<Vec<u8>>,
    reference: Option<String>,
    recorded_us: i64,
    recorded_by: Option<i64>,
}

impl TryFrom<EventRow> for ConsentEvent {
    type Error = Error;

    fn try_from(row: EventRow) -> Result<Self, Error> {
        let broken = |column| damaged("consent_events", row.id, column);
        let notice = match (row.notice_version, row.notice_language, row.notice_hash) {
            (Some(version), Some(language), Some(hash)) => Some(NoticeShown {
                version: NoticeVersion(version),
                language,
                hash: hash.try_into().map_err(|_| broken("notice_hash"))?,
            }),
            (None, None, None) => None,
            _ => return Err(broken("notice_version")),
        };
        let purposes = u8::try_from(row.purposes)
            .ok()
            .and_then(Purposes::from_bits);
        Ok(Self {
            consent: Consent {
                decision: Decision::from_word(&row.decision).ok_or_else(|| broken("decision"))?,
                purposes: purposes.ok_or_else(|| broken("purposes"))?,
                notice,
                by: DecidedBy::from_word(&row.decided_by).ok_or_else(|| broken("decided_by"))?,
                reference: row.reference,
                recorded_by: row.recorded_by.map(AccountId),
            },
            recorded_at: instant(row.recorded_us)?,
        })
    }
}
