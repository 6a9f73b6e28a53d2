//! What people may ask for of what they sent: that it be marked as disputed, corrected, or kept and not used.

use crate::api::{Api, Inner};
use crate::error::{ApiError, Place};
use crate::extractors::{Here, Who};
use crate::identity::KnownStudy;
use crate::messages;
use serde::Deserialize;
use serde_json::value::RawValue;
use sillage_domain::{
    AmendmentRequest, Changes, ConsentCode, Day, Decisions, Dispute, EntryStatus, HoldChange,
    HoldEvent, LogNumber, NewDispute, NewHold, Objections, PageRequest, Pseudonym, Reason,
    StoredEntry, StudyId, StudyScope, SubjectId,
};
use std::num::{NonZeroU32, NonZeroU64};
use std::sync::Arc;

/// How many changes of what holds the use up are told, the last first.
const TOLD: NonZeroU32 = NonZeroU32::new(1000).unwrap();

/// Whether somebody's entries may be used, and how that came.
pub(crate) struct Standstill {
    pub(crate) decisions: Decisions,
    pub(crate) history: Vec<HoldEvent>,
}

impl Api {
    /// Whether the entries of that person may be used.
    pub(crate) async fn standstill(
        &self,
        study: &KnownStudy,
        subject: &SubjectId,
    ) -> Result<Standstill, ApiError> {
        let (id, code, one) = (
            study.study.id,
            study.consent_code(subject),
            study.pseudonym(subject),
        );
        self.off(move |inner| inner.standstill(id, &code, one))
            .await
    }

    /// Changes that. It holds here at once, and on every other server within seconds.
    pub(crate) async fn hold(
        &self,
        study: &KnownStudy,
        subject: &SubjectId,
        changes: Vec<HoldChange>,
    ) -> Result<(), ApiError> {
        let (id, one, now) = (study.study.id, study.pseudonym(subject), self.now());
        let new = |change: &HoldChange| NewHold {
            code: study.consent_code(subject),
            pseudonym: one,
            change: *change,
        };
        let new: Vec<_> = changes.iter().map(new).collect();
        let recorded = self
            .off(move |inner| Ok(inner.ports.holds.record_holds(id, &new, now)?))
            .await;
        self.0.consents.forget(id, one);
        // Whether anybody objected stands in the study's row.
        self.changed();
        recorded?;
        for change in changes {
            // Neither a name nor a pseudonym: the log outlives both.
            tracing::info!(
                event = "hold",
                study = study.study.slug.as_str(),
                hold = change.hold.as_str(),
                held = change.is_held,
                on_request = change.on_request,
                "whether somebody's entries may be used was changed"
            );
        }
        Ok(())
    }
}

impl Inner {
    pub(crate) fn standstill(
        &self,
        study: StudyId,
        code: &ConsentCode,
        one: Pseudonym,
    ) -> Result<Standstill, ApiError> {
        let page = PageRequest {
            page: NonZeroU64::MIN,
            size: TOLD,
        };
        let history = self.ports.holds.holds(study, code, &page)?.items;
        let found = self.ports.consents.decisions(study, &[one])?;
        Ok(Standstill {
            decisions: found.get(&one).copied().unwrap_or_default(),
            history,
        })
    }

    /// One's own entry, whether it has its content or not.
    fn own_entry(&self, own: &Own, number: LogNumber) -> Result<StoredEntry, ApiError> {
        let scope = StudyScope::Only(vec![own.known.study.id]);
        let found = self.ports.logs.entry(number, &scope)?;
        let theirs = found.filter(|entry| entry.pseudonym == own.pseudonym);
        let mut entry = [theirs.ok_or_else(messages::not_found)?];
        self.ports.amendments.correct(&mut entry)?;
        let [entry] = entry;
        Ok(entry)
    }

    fn own_live_entry(
        &self,
        own: &Own,
        number: LogNumber,
        here: &str,
    ) -> Result<StoredEntry, ApiError> {
        let entry = self.own_entry(own, number)?;
        if entry.status == EntryStatus::Accepted {
            return Ok(entry);
        }
        // Not with the pseudonym: it is for whose it is.
        let left = serde_json::json!({
            "number": entry.number,
            "uri": format!("{here}/v1/logs/{}", entry.number),
            "status": entry.status,
        });
        Err(ApiError::from(messages::content_deleted()).beside("entry", left))
    }
}

/// Where the caller plays, and as whom.
#[derive(Clone)]
pub(crate) struct Own {
    pub(crate) known: Arc<KnownStudy>,
    pub(crate) pseudonym: Pseudonym,
}

impl Own {
    pub(crate) fn of(who: &Who) -> Result<Self, ApiError> {
        let plays = who.identity.plays.as_ref();
        let (known, pseudonym) = plays.ok_or_else(messages::forbidden)?;
        Ok(Self {
            known: Arc::clone(known),
            pseudonym: *pseudonym,
        })
    }
}

/// The number in a path.
pub(crate) fn number(text: &str) -> Result<LogNumber, ApiError> {
    let number = text.parse().map(LogNumber);
    number.map_err(|_| messages::not_found().into())
}

/// The dispute of one's own entry, if it is disputed.
pub(crate) async fn find(who: &Who, number: LogNumber) -> Result<Option<Dispute>, ApiError> {
    let own = Own::of(who)?;
    let read = move |inner: &Inner| {
        inner.own_entry(&own, number)?;
        Ok(inner
            .ports
            .disputes
            .dispute_of(own.known.study.id, number)?)
    };
    who.api.off(read).await
}

/// The same, which must be there.
pub(crate) async fn read(who: &Who, number: LogNumber) -> Result<Dispute, ApiError> {
    let found = find(who, number).await?;
    found.ok_or_else(|| messages::not_found().into())
}

/// Refuses what is about an entry that is not one's own, or has no content any more.
pub(crate) async fn exists(who: &Who, number: LogNumber, here: &Here) -> Result<(), ApiError> {
    let (own, here) = (Own::of(who)?, here.root().to_owned());
    let read = move |inner: &Inner| inner.own_live_entry(&own, number, &here).map(drop);
    who.api.off(read).await
}

/// Disputes one's own entry: with what is said against it, and with what would be right, as it was sent.
pub(crate) async fn dispute(
    who: &Who,
    number: LogNumber,
    said: Objections,
    here: &Here,
) -> Result<Dispute, ApiError> {
    let own = Own::of(who)?;
    let (today, here) = (Day::of(who.api.now()), here.root().to_owned());
    let slug = own.known.study.slug.clone();
    let kept = who
        .api
        .off(move |inner| {
            let entry = inner.own_live_entry(&own, number, &here)?;
            let mut said = said;
            if let Some(sent) = &said.correction {
                let changes = correction(sent)?;
                inner.fits_with(&entry, &changes).map_err(within)?;
                said.correction = Some(changes.to_json());
            }
            let study = own.known.study.id;
            let new = NewDispute {
                study,
                pseudonym: own.pseudonym,
                number,
                said,
            };
            inner.ports.disputes.dispute(&new, today)?;
            let found = inner.ports.disputes.dispute_of(study, number)?;
            found.ok_or_else(|| messages::not_found().into())
        })
        .await?;
    tracing::info!(
        event = "dispute",
        study = slug.as_str(),
        "an entry is disputed"
    );
    Ok(kept)
}

/// Takes that back.
pub(crate) async fn settle(who: &Who, number: LogNumber) -> Result<(), ApiError> {
    let own = Own::of(who)?;
    let slug = own.known.study.slug.clone();
    let settle = move |inner: &Inner| {
        let study = own.known.study.id;
        match inner.ports.disputes.settle(study, own.pseudonym, number)? {
            true => Ok(()),
            false => Err(messages::not_found().into()),
        }
    };
    who.api.off(settle).await?;
    tracing::info!(
        event = "dispute",
        study = slug.as_str(),
        "a dispute was taken back"
    );
    Ok(())
}

/// What a request says would be right, in the words in which it does.
pub(crate) fn correction_sent(body: &[u8]) -> Option<Box<str>> {
    #[derive(Deserialize)]
    struct Sent<'a> {
        #[serde(borrow, default)]
        correction: Option<&'a RawValue>,
    }
    let sent: Sent<'_> = serde_json::from_slice(body).ok()?;
    sent.correction.map(|sent| sent.get().into())
}

/// A correction as it was sent, as changes: an amendment without its reason.
fn correction(sent: &str) -> Result<Changes, ApiError> {
    let inner = sent.trim().strip_prefix('{');
    let Some(inner) = inner else {
        let problem = messages::wrong_type("an object", "un objet");
        return Err(problem.at("/correction").into());
    };
    let members = if inner.trim_start().starts_with('}') {
        ""
    } else {
        ","
    };
    let request = format!("{{\"reason\":\"-\"{members}{inner}");
    match AmendmentRequest::read(request.as_bytes()) {
        Ok(request) => Ok(request.changes),
        Err(error) => Err(within(error.into())),
    }
}

/// Puts what is wrong with a correction where it stands in the body.
fn within(error: ApiError) -> ApiError {
    error.map_places(|place| match place {
        Place::Pointer(rest) => Place::Pointer(format!("/correction{rest}")),
        other => other,
    })
}

/// The changes that a dispute asks for, as an amendment with that reason.
pub(crate) fn accepted(dispute: &Dispute, reason: Reason) -> Result<AmendmentRequest, ApiError> {
    let said = dispute.said.correction.as_deref();
    let changes = correction(said.ok_or_else(messages::nothing_to_correct)?)?;
    Ok(AmendmentRequest { reason, changes })
}
