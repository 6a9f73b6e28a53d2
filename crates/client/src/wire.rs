//! HTTP: log in, post, and say what an answer means.

use crate::settings::{Account, Settings};
use crate::time;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::time::{Duration, Instant};
use ureq::http::Response;
use ureq::{Agent, Body};

/// No answer that a client reads is longer.
const LONGEST_ANSWER: u64 = 16 << 20;
/// A token is renewed so long before its end, on the way as it is.
const EARLY: Duration = Duration::from_secs(10);

/// A server, and who speaks to it.
pub(crate) struct Wire {
    agent: Agent,
    base: String,
    account: Account,
    granted: Option<Granted>,
}

struct Granted {
    access: String,
    refresh: Option<String>,
    renew_at: Instant,
}

/// What an answer, or none, means for what was sent.
#[derive(Debug)]
pub(crate) enum Answer {
    /// The server has it all; what became of entries that it did not accept.
    Taken(Receipt),
    /// Not the same again. One entry or several are to blame.
    Refused(Refusal),
    /// The token, or the log-in, is not good.
    Unauthorised(String),
    /// Not from this account, for the time being.
    Forbidden { code: u16, message: String },
    /// Later, when `advice` has passed.
    Later {
        why: String,
        advice: Option<Duration>,
    },
}

/// What a server answers to a batch that it took.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Receipt {
    pub(crate) accepted: u64,
    pub(crate) duplicates: u64,
    pub(crate) results: Vec<OneResult>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct OneResult {
    pub(crate) index: usize,
    pub(crate) id: Option<String>,
    pub(crate) status: String,
    #[serde(default)]
    pub(crate) errors: Option<Box<RawValue>>,
}

/// An answer that refuses a body.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    /// The first error code.
    pub(crate) code: u16,
    /// The entries that the errors point at, ascending.
    pub(crate) indices: Vec<usize>,
    pub(crate) body: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Errors {
    errors: Vec<OneError>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct OneError {
    code: u16,
    message: String,
    pointer: Option<String>,
}

#[derive(Deserialize)]
struct Token {
    access_token: String,
    expires_in: u64,
    refresh_token: Option<String>,
}

impl Wire {
    pub(crate) fn new(settings: &Settings) -> Self {
        let config = Agent::config_builder();
        // What is on this machine is reached without the proxy that the environment names.
        let config = if settings.is_here() {
            config.proxy(None)
        } else {
            config
        };
        let config = config
            .http_status_as_error(false)
            .user_agent(&settings.user_agent)
            .timeout_global(Some(settings.timeout))
            // A password is sent to the address that was given, and to no other.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .build();
        Self {
            agent: config.into(),
            base: settings.base.clone(),
            account: settings.account.clone(),
            granted: None,
        }
    }

    /// Posts a body of entries; logs in first where that is due. A token that is refused is renewed once.
    pub(crate) fn post(&mut self, body: &[u8]) -> Answer {
        let mut renewed = false;
        loop {
            if self
                .granted
                .as_ref()
                .is_none_or(|granted| granted.renew_at <= Instant::now())
            {
                renewed = true;
                if let Err(answer) = self.log_in() {
                    return answer;
                }
            }
            let token = self
                .granted
                .as_ref()
                .map_or("", |granted| granted.access.as_str());
            let sent = self
                .agent
                .post(format!("{}/v1/logs?verbose=false", self.base))
                .header("Authorization", format!("Bearer {token}"))
                .content_type("application/json")
                .send(body);
            match meaning(sent) {
                Answer::Unauthorised(_) if !renewed => self.expire(),
                answer => return answer,
            }
        }
    }

    /// The access token is good no more; the refresh token may be.
    fn expire(&mut self) {
        if let Some(granted) = &mut self.granted {
            granted.renew_at = Instant::now();
        }
    }

    /// By the refresh token if there is one, else, or if it is refused, by the password.
    fn log_in(&mut self) -> Result<(), Answer> {
        let refresh = self
            .granted
            .as_mut()
            .and_then(|granted| granted.refresh.take());
        if let Some(refresh) = refresh {
            let form = [
                ("grant_type", "refresh_token"),
                ("refresh_token", refresh.as_str()),
            ];
            match self.ask(&form) {
                Err(Answer::Unauthorised(_) | Answer::Refused(_)) => self.granted = None,
                Err(later) => {
                    // It is not used up: a server that did use it knows it for a minute still.
                    if let Some(granted) = &mut self.granted {
                        granted.refresh = Some(refresh);
                    }
                    return Err(later);
                }
                Ok(()) => return Ok(()),
            }
        }
        let account = self.account.clone();
        let asked = match &account {
            Account::Password {
                username, password, ..
            } => self.ask(&[
                ("grant_type", "password"),
                ("username", username),
                ("password", password),
            ]),
            Account::Client { .. } => self.ask(&[("grant_type", "client_credentials")]),
        };
        asked.map_err(|answer| match answer {
            Answer::Refused(refusal) => Answer::Unauthorised(refusal.message()),
            other => other,
        })
    }

    fn ask(&mut self, form: &[(&str, &str)]) -> Result<(), Answer> {
        let mut form = form.to_vec();
        match &self.account {
            Account::Password { client_id, .. } => form.push(("client_id", client_id)),
            Account::Client {
                client_id,
                client_secret,
            } => form.extend([
                ("client_id", client_id.as_str()),
                ("client_secret", client_secret.as_str()),
            ]),
        }
        let sent = self
            .agent
            .post(format!("{}/oauth2/access_token", self.base))
            .send_form(form);
        let (status, body) = read(sent)?;
        if status.status != 200 {
            return Err(status.judge(&body));
        }
        let token: Token = serde_json::from_str(&body).map_err(|_| nobody_of_ours(200, &body))?;
        let lives = Duration::from_secs(token.expires_in);
        self.granted = Some(Granted {
            access: token.access_token,
            refresh: token.refresh_token,
            renew_at: Instant::now() + lives.saturating_sub(EARLY).max(lives / 2),
        });
        Ok(())
    }
}

struct Status {
    status: u16,
    advice: Option<Duration>,
}

/// What came back from a post of entries.
fn meaning(sent: Result<Response<Body>, ureq::Error>) -> Answer {
    match read(sent) {
        Err(later) => later,
        Ok((Status { status: 200, .. }, body)) => {
            serde_json::from_str(&body).map_or_else(|_| nobody_of_ours(200, &body), Answer::Taken)
        }
        Ok((status, body)) => status.judge(&body),
    }
}

fn read(sent: Result<Response<Body>, ureq::Error>) -> Result<(Status, String), Answer> {
    let no_answer = |error: ureq::Error| Answer::Later {
        why: error.to_string(),
        advice: None,
    };
    let mut response = sent.map_err(no_answer)?;
    let advice = response
        .headers()
        .get("Retry-After")
        .and_then(|value| time::retry_after(value.to_str().ok()?, time::now()));
    let status = Status {
        status: response.status().as_u16(),
        advice,
    };
    let body = response
        .body_mut()
        .with_config()
        .limit(LONGEST_ANSWER)
        .lossy_utf8(true);
    let body = body.read_to_string().map_err(no_answer)?;
    Ok((status, body))
}

/// Something answered that is not Sillage: the page of a network that wants a log-in, another site, a proxy.
fn nobody_of_ours(status: u16, body: &str) -> Answer {
    let begin: String = body.chars().take(100).collect();
    Answer::Later {
        why: format!("what answers is not Sillage ({status}): {begin}"),
        advice: None,
    }
}

impl Status {
    /// What any other status than 200 means.
    fn judge(self, body: &str) -> Answer {
        let told: Option<Errors> = serde_json::from_str(body).ok();
        let ours = told.as_ref().is_some_and(|told| !told.errors.is_empty());
        let first = told.as_ref().and_then(|told| told.errors.first());
        let code = first.map_or(self.status, |error| error.code);
        let message = first.map_or_else(
            || body.chars().take(200).collect(),
            |error| error.message.clone(),
        );
        match self.status {
            401 => Answer::Unauthorised(message),
            403 if ours => Answer::Forbidden { code, message },
            // A proxy may have a limit of its own, and says it without our words.
            413 => self.refused(code, &told.unwrap_or_default(), body),
            400 | 409 | 415 | 422 if ours => self.refused(code, &told.unwrap_or_default(), body),
            408 | 429 | 500..=599 => Answer::Later {
                why: format!("{}: {message}", self.status),
                advice: self.advice,
            },
            status => nobody_of_ours(status, body),
        }
    }

    fn refused(self, code: u16, told: &Errors, body: &str) -> Answer {
        let place = |error: &OneError| -> Option<usize> {
            let pointer = error.pointer.as_deref()?.strip_prefix('/')?;
            pointer.split('/').next()?.parse().ok()
        };
        let mut indices: Vec<_> = told.errors.iter().filter_map(place).collect();
        indices.sort_unstable();
        indices.dedup();
        Answer::Refused(Refusal {
            status: self.status,
            code,
            indices,
            body: body.to_owned(),
        })
    }
}

impl Refusal {
    /// What it says to people.
    fn message(&self) -> String {
        let told: Errors = serde_json::from_str(&self.body).unwrap_or_default();
        told.errors
            .into_iter()
            .next()
            .map_or_else(|| self.body.clone(), |error| error.message)
    }
}
