//! Who plays, told as it changes: server-sent events (WHATWG HTML, section 9.2).

use super::{Place, part};
use crate::api::Api;
use crate::error::ApiError;
use crate::extractors::InStudy;
use crate::identity::KnownStudy;
use crate::limits::Source;
use crate::messages;
use crate::response::json_bytes;
use crate::views::live::LiveView;
use actix_web::HttpResponse;
use actix_web::http::Method;
use actix_web::http::header::HeaderName;
use bytes::Bytes;
use futures_util::stream;
use serde::Serialize;
use sillage_auth::{Credentials, Reach, ReadLive, Secret, StudyRef, policy};
use sillage_domain::PageRequest;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::time::timeout;

/// How old what is told may be: as often at most a study is looked at, whoever listens.
const FRESH: Duration = Duration::from_secs(2);
/// How often it is asked whether the listener still may.
const TICK: Duration = Duration::from_secs(1);
/// After so many seconds of silence a comment is sent, so that no proxy takes the connection for dead.
const SILENCE: Duration = Duration::from_secs(15);
/// What comes first: how long to wait, in milliseconds, before connecting again.
const RETRY: &[u8] = b"retry: 3000\n\n";
const COMMENT: &[u8] = b":\n\n";
/// Asks a proxy (nginx) to hand on each event at once.
const UNBUFFERED: HeaderName = HeaderName::from_static("x-accel-buffering");

/// Somebody who is told of changes.
pub(crate) struct Listening {
    api: Api,
    study: Arc<KnownStudy>,
    reach: Reach,
    /// Which part of the list.
    page: PageRequest,
    /// The header `Authorization`, to be looked at again and again.
    credentials: Secret,
    source: Source,
    place: Place,
    told: Option<Vec<LiveView>>,
    last_word: Instant,
}

impl Listening {
    /// Begins; `credentials` is the header by which the caller of `study` was known.
    pub(crate) fn begin(
        study: &InStudy,
        reach: Reach,
        page: PageRequest,
        credentials: Secret,
        source: Source,
    ) -> Result<Self, ApiError> {
        let api = study.who.api.clone();
        let place = api.0.listeners.place(study.who.subject())?;
        Ok(Self {
            study: Arc::clone(&study.known),
            reach,
            page,
            credentials,
            source,
            place,
            told: None,
            last_word: Instant::now(),
            api,
        })
    }

    /// 200, and then events until the listener goes, or may not listen any more, or the server stops.
    pub(crate) fn answer(self, method: &Method) -> HttpResponse {
        let mut response = HttpResponse::Ok();
        response
            .content_type("text/event-stream")
            .insert_header((UNBUFFERED, "no"));
        if method == Method::HEAD {
            return response.finish();
        }
        response.streaming(stream::unfold(self, |mut listening| async {
            let text = listening.next().await?;
            Some((Ok::<_, Infallible>(Bytes::from(text)), listening))
        }))
    }

    /// What is to be said next, once there is something; `None` at the end. An error is an end too: whoever connects again is told
    /// which.
    async fn next(&mut self) -> Option<Vec<u8>> {
        let mut text = Vec::new();
        if self.told.is_none() {
            text.extend_from_slice(RETRY);
        } else {
            self.pause().await?;
        }
        loop {
            self.may_still().await.ok()?;
            self.tell(&mut text).await.ok()?;
            if !text.is_empty() {
                self.last_word = Instant::now();
                return Some(text);
            }
            if self.last_word.elapsed() >= SILENCE {
                text.extend_from_slice(COMMENT);
            } else {
                self.pause().await?;
            }
        }
    }

    /// A tick; `None` if the server stops meanwhile.
    async fn pause(&mut self) -> Option<()> {
        timeout(TICK, self.place.stopped()).await.err().map(drop)
    }

    async fn may_still(&mut self) -> Result<(), ApiError> {
        let credentials = Credentials::parse(self.credentials.expose())
            .map_err(messages::credentials_malformed)?;
        let source = self.source;
        let identity = self.api.identify(credentials, move || source).await?;
        let study = StudyRef::from(&self.study.study);
        self.reach = policy::allows(&identity.caller, ReadLive, &study)?.reach();
        Ok(())
    }

    /// Writes down all that is to be seen, or only what is not as it was told.
    async fn tell(&mut self, text: &mut Vec<u8>) -> Result<(), ApiError> {
        let now = Instant::now();
        let since = now.checked_sub(FRESH).unwrap_or(now);
        let sight = self.api.sight(&self.study, since).await?;
        let seen = part(&sight, self.page).items;
        let views: Vec<_> = seen
            .into_iter()
            .map(|seen| LiveView::new(seen, self.reach))
            .collect();
        match &self.told {
            Some(told)
                if told
                    .iter()
                    .map(LiveView::name)
                    .eq(views.iter().map(LiveView::name)) =>
            {
                let both = told.iter().zip(&views);
                let changed: Vec<_> = both
                    .filter(|(old, new)| old != new)
                    .map(|(_, new)| new)
                    .collect();
                if !changed.is_empty() {
                    event(text, "change", &changed)?;
                }
            }
            _ => event(text, "state", &views)?,
        }
        self.told = Some(views);
        Ok(())
    }
}

/// Appends an event. JSON has no line break that is not escaped.
fn event(text: &mut Vec<u8>, name: &str, data: &impl Serialize) -> Result<(), ApiError> {
    text.extend_from_slice(format!("event: {name}\ndata: ").as_bytes());
    text.extend_from_slice(&json_bytes(data)?);
    text.extend_from_slice(b"\n\n");
    Ok(())
}
