//! Reading the audit log: all of it, or what concerns the caller.

use crate::api::Inner;
use crate::error::ApiError;
use crate::extractors::{Parameters, Who};
use crate::messages;
use crate::views::audit::OwnAccess;
use sillage_auth::{Granted, ReadAudit};
use sillage_domain::{
    Account, AuditAction, AuditEvent, AuditFilter, NumberedRecord, PageRequest, Paged, Slug,
    StoreError,
};
use std::num::{NonZeroU32, NonZeroU64};

const PARAMETERS: [&str; 9] = [
    "study",
    "action",
    "actor",
    "subject",
    "from",
    "to",
    "after",
    "page",
    "page_size",
];
/// How old a record is before a harvest shows it, in seconds.
const SETTLED: i64 = 10;
/// How many accesses somebody is told of at most, of each kind.
const TOLD: NonZeroU32 = NonZeroU32::new(1000).unwrap();

/// What hands out what participants of a study did.
const OF_ALL: [AuditAction; 7] = [
    AuditAction::ReadLogs,
    AuditAction::ReadQuarantine,
    AuditAction::Export,
    AuditAction::ExportFull,
    AuditAction::ExportTsadk,
    AuditAction::ReadParticipants,
    AuditAction::ReadConsents,
];

/// The records that the parameters choose.
pub(crate) fn filter(asked: &Parameters) -> Result<AuditFilter, ApiError> {
    asked.only(&PARAMETERS)?;
    if asked.text("after").is_some() && asked.text("page").is_some() {
        return Err(messages::cursor_sorts_by_number().into());
    }
    let words: Vec<_> = AuditAction::ALL.iter().map(|one| one.as_str()).collect();
    let action = asked.word("action", &words, AuditAction::from_word)?;
    let reference = |name| {
        asked.parsed(
            name,
            "it is not a reference of 32 hexadecimal digits",
            "ce n'est pas une référence de 32 chiffres hexadécimaux",
        )
    };
    Ok(AuditFilter {
        study: asked.parsed::<Slug>(
            "study",
            "it cannot be the slug of a study",
            "ce ne peut pas être le nom d'une étude",
        )?,
        actions: action.into_iter().collect(),
        actor: reference("actor")?,
        subject: reference("subject")?,
        from: asked.time("from")?,
        to: asked.time("to")?,
    })
}

/// A page of the log.
pub(crate) async fn page(
    who: &Who,
    _granted: Granted<ReadAudit>,
    filter: AuditFilter,
    page: PageRequest,
) -> Result<Paged<NumberedRecord>, ApiError> {
    let read = move |inner: &Inner| Ok(inner.ports.audit.audit_page(&filter, &page)?);
    who.api.off(read).await
}

/// What comes after a cursor, and the link that leads on.
pub(crate) async fn harvest(
    who: &Who,
    _granted: Granted<ReadAudit>,
    mut filter: AuditFilter,
    after: i64,
    asked: &Parameters,
) -> Result<(Vec<NumberedRecord>, String), ApiError> {
    let settled = who.api.now().plus_seconds(-SETTLED);
    filter.to = Some(filter.to.map_or(settled, |to| to.min(settled)));
    let size = asked.page_size()?.get();
    let read = move |inner: &Inner| Ok(inner.ports.audit.audit_after(&filter, after, size + 1)?);
    let mut found = who.api.off(read).await?;
    let more = found.len() > size as usize;
    found.truncate(size as usize);
    let links = match found.last() {
        Some(last) if more => format!("<{}>; rel=\"next\"", asked.with("after", last.number)),
        _ => String::new(),
    };
    Ok((found, links))
}

impl Inner {
    /// What others did with what is held of a participant, since the account was made, the last first. Others are told by what they are.
    pub(crate) fn accesses(&self, account: &Account) -> Result<Vec<OwnAccess>, StoreError> {
        let me = self.audit.keys().account(&account.subject);
        let from = Some(account.created_at);
        let mut found = self.accesses_by(AuditFilter {
            subject: Some(me),
            from,
            ..AuditFilter::default()
        })?;
        let plays = account.enrolment.map(|enrolment| enrolment.study);
        let study = match plays {
            Some(study) => self.ports.studies.study(study)?,
            None => None,
        };
        if let Some(study) = study {
            let of_all = self.accesses_by(AuditFilter {
                study: Some(study.slug),
                actions: OF_ALL.to_vec(),
                from,
                ..AuditFilter::default()
            })?;
            found.extend(of_all.into_iter().filter(|one| one.subject != Some(me)));
        }
        found.retain(|one| one.actor != Some(me));
        found.sort_by_key(|one| std::cmp::Reverse(one.at));
        let told = |one: AuditEvent| OwnAccess {
            at: one.at,
            action: one.action,
            role: one.role,
            about_me: one.subject == Some(me),
        };
        // What was about another one only is none of this one's business.
        let concerns = |one: &AuditEvent| one.subject.is_none_or(|subject| subject == me);
        Ok(found.into_iter().filter(concerns).map(told).collect())
    }

    fn accesses_by(&self, filter: AuditFilter) -> Result<Vec<AuditEvent>, StoreError> {
        let page = PageRequest {
            page: NonZeroU64::MIN,
            size: TOLD,
        };
        let found = self.ports.audit.audit_page(&filter, &page)?;
        let events = found.items.into_iter().map(|one| one.record.event);
        Ok(events
            .filter(|one| one.outcome == sillage_domain::AuditOutcome::Done)
            .collect())
    }
}
