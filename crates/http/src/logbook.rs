//! Reading log entries: what is asked for, by whom, in which part.

use crate::error::ApiError;
use crate::extractors::{InStudy, Parameters, Who};
use crate::messages;
use crate::response::etag;
use sillage_auth::{Granted, GrantedAcross, Reach, ReadLogs, ReadOwnLogs};
use sillage_domain::{
    EntryStatus, LogFilter, LogNumber, LogOrder, LogPage, LogQuery, LogRevision, Purpose, Role,
    StudyScope, Window,
};
use std::sync::Arc;

/// The parameters that choose entries, of a list and of an export.
pub(crate) const FILTERS: [&str; 9] = [
    "study",
    "participant",
    "session",
    "action",
    "from",
    "to",
    "received_from",
    "received_to",
    "status",
];
/// The parameter that asks for what was sent, whatever was amended.
pub(crate) const RAW: &str = "raw";
const SORTS: [&str; 4] = ["received", "-received", "timestamp", "-timestamp"];

/// A list that was asked for, by somebody who was found to be allowed to read it.
pub(crate) struct Logbook {
    who: Who,
    /// Where the reader may read.
    readable: StudyScope,
    query: LogQuery,
    /// Whether entries are shown as they were sent, and not as they were amended.
    raw: bool,
}

impl Logbook {
    /// The list that the parameters ask for.
    pub(crate) async fn open(
        who: Who,
        granted: GrantedAcross<ReadLogs>,
        asked: &Parameters,
    ) -> Result<Self, ApiError> {
        let known: Vec<_> = FILTERS
            .iter()
            .chain(&["sort", "page", "page_size", "after", RAW])
            .copied()
            .collect();
        asked.only(&known)?;
        let (order, window) = part(asked)?;
        let (mut filter, size) = (filter(asked)?, asked.page_size()?);
        let raw = asked.flag(RAW, false)?;
        let scope = match asked.text("study") {
            None => granted.studies(),
            Some(slug) => {
                let study = named(&who, slug).await?;
                study.may(ReadLogs)?;
                StudyScope::Only(vec![study.id()])
            }
        };
        filter.purpose = purpose_of(&granted, &scope);
        Ok(Self {
            who,
            readable: granted.studies(),
            query: LogQuery {
                scope,
                filter,
                order,
                window,
                size,
            },
            raw,
        })
    }

    /// The list of what the caller sent: in the study that the parameters name, or that he plays in; nothing without either.
    pub(crate) async fn own(
        who: Who,
        _granted: Granted<ReadOwnLogs>,
        asked: &Parameters,
    ) -> Result<Self, ApiError> {
        let known: Vec<_> = FILTERS
            .iter()
            .filter(|name| **name != "participant")
            .chain(&["sort", "page", "page_size", "after", RAW])
            .copied()
            .collect();
        asked.only(&known)?;
        let (order, window) = part(asked)?;
        let (filter, size) = (filter(asked)?, asked.page_size()?);
        let raw = asked.flag(RAW, false)?;
        let study = match (asked.text("study"), &who.identity.plays) {
            (Some(slug), _) => Some(named(&who, slug).await?.known),
            (None, plays) => plays.as_ref().map(|(known, _)| Arc::clone(known)),
        };
        let participant = study.as_ref().map(|known| known.pseudonym(&who.subject()));
        let scope = StudyScope::Only(study.iter().map(|known| known.study.id).collect());
        Ok(Self {
            query: LogQuery {
                scope: scope.clone(),
                filter: LogFilter {
                    participant,
                    ..filter
                },
                order,
                window,
                size,
            },
            readable: scope,
            raw,
            who,
        })
    }

    /// The tag of the list as it is now: it changes whenever a row of it might. Reads no row.
    pub(crate) async fn tag(&self, asked: &Parameters) -> Result<String, ApiError> {
        let scope = self.query.scope.clone();
        let revision = self
            .who
            .api
            .off(move |inner| Ok(inner.ports.logs.revision(&scope)?))
            .await?;
        Ok(tag(
            &revision,
            &self.who,
            &self.readable,
            &asked.canonical(),
            asked.here.root(),
        ))
    }

    /// The part of the list that was asked for.
    pub(crate) async fn read(&self) -> Result<LogPage, ApiError> {
        let (query, raw) = (self.query.clone(), self.raw);
        let page = self
            .who
            .api
            .off(move |inner| {
                let mut page = inner.ports.logs.page(&query)?;
                if !raw {
                    inner.ports.amendments.correct(&mut page.entries)?;
                }
                inner.ports.disputes.mark(&mut page.entries)?;
                Ok(page)
            })
            .await?;
        match self.query.window {
            Window::Page(number) if number.get() > 1 && page.entries.is_empty() => {
                Err(messages::no_such_page().into())
            }
            _ => Ok(page),
        }
    }

    /// The `Link` header of that part.
    pub(crate) fn links(&self, asked: &Parameters, page: &LogPage) -> String {
        match self.query.window {
            Window::Page(number) => {
                let last = page
                    .total
                    .map(|total| total.div_ceil(u64::from(self.query.size.get())).max(1));
                crate::views::page::links(asked, number.get(), page.more, last)
            }
            Window::After(_) => match page.entries.last() {
                Some(last) if page.more => {
                    format!("<{}>; rel=\"next\"", asked.with("after", last.number))
                }
                _ => String::new(),
            },
        }
    }
}

/// The study that the parameter names.
async fn named(who: &Who, slug: &str) -> Result<InStudy, ApiError> {
    let missing = || ApiError::from(messages::not_found().parameter("study"));
    InStudy::find(who.clone(), slug)
        .await
        .map_err(|error| error.instead_of_404(missing))
}

/// A hash of everything that an answer about those entries depends on.
pub(crate) fn tag(
    revision: &LogRevision,
    who: &Who,
    scope: &StudyScope,
    query: &str,
    root: &str,
) -> String {
    let memberships = format!("{:?}", who.memberships());
    let account = format!("{:?}", who.account());
    etag(&[
        revision.epoch.as_bytes(),
        &revision.changes.to_be_bytes(),
        who.role().map_or("client", Role::as_str).as_bytes(),
        who.scope().to_string().as_bytes(),
        memberships.as_bytes(),
        account.as_bytes(),
        format!("{scope:?}").as_bytes(),
        query.as_bytes(),
        root.as_bytes(),
    ])
}

/// What entries are read for: those who do not run all of these studies read for research, and only what may serve it.
pub(crate) fn purpose_of(granted: &GrantedAcross<ReadLogs>, scope: &StudyScope) -> Option<Purpose> {
    let runs = match scope {
        StudyScope::All => true,
        StudyScope::Only(studies) => studies
            .iter()
            .all(|study| granted.reach(*study) == Some(Reach::Whole)),
    };
    (!runs).then_some(Purpose::Research)
}

fn part(asked: &Parameters) -> Result<(LogOrder, Window), ApiError> {
    let order = asked.word("sort", &SORTS, |word| match word {
        "received" => Some(LogOrder::Received),
        "-received" => Some(LogOrder::ReceivedDescending),
        "timestamp" => Some(LogOrder::Timestamp),
        "-timestamp" => Some(LogOrder::TimestampDescending),
        _ => None,
    })?;
    match asked.after()? {
        None => Ok((order.unwrap_or_default(), Window::Page(asked.page()?.page))),
        Some(_)
            if asked.text("page").is_some()
                || order.is_some_and(|order| order != LogOrder::Received) =>
        {
            Err(messages::cursor_sorts_by_number().into())
        }
        Some(number) => Ok((LogOrder::Received, Window::After(LogNumber(number)))),
    }
}

/// The entries that the parameters choose: without a word about their status, those that have their content.
pub(crate) fn filter(asked: &Parameters) -> Result<LogFilter, ApiError> {
    let statuses: Vec<_> = EntryStatus::ALL
        .iter()
        .map(|status| status.as_str())
        .collect();
    Ok(LogFilter {
        participant: asked.parsed(
            "participant",
            "it is not a pseudonym such as P-7QX4-M2K9-T0BC-5",
            "ce n'est pas un pseudonyme comme P-7QX4-M2K9-T0BC-5",
        )?,
        session: asked.parsed(
            "session",
            "it cannot be the name of a session",
            "ce ne peut pas être le nom d'une session",
        )?,
        action: asked.parsed(
            "action",
            "it cannot be the name of an action",
            "ce ne peut pas être le nom d'une action",
        )?,
        from: asked.time("from")?,
        to: asked.time("to")?,
        received_from: asked.time("received_from")?,
        received_to: asked.time("received_to")?,
        status: Some(
            asked
                .word("status", &statuses, EntryStatus::from_word)?
                .unwrap_or(EntryStatus::Accepted),
        ),
        purpose: None,
    })
}
