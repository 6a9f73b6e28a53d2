//! What an administrator needs of HTTP: log in, make a study, and look at what came of it.

use super::DemoError;
use serde::de::DeserializeOwned;
use serde_json::Value;
use sillage_auth::Secret;
use std::io::Read;
use std::thread::sleep;
use std::time::Duration;
use ureq::http::Response;
use ureq::{Agent, Body};

/// How often a request is sent before it is given up.
const TRIES: u32 = 8;
/// How long to wait where the server does not say how long.
const WAIT: Duration = Duration::from_millis(250);

/// A server, and who speaks to it.
#[derive(Clone)]
pub(crate) struct Client {
    agent: Agent,
    base: String,
    token: Option<Secret>,
}

/// An answer that was read to its end.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) total: Option<u64>,
    pub(crate) body: Vec<u8>,
}

impl Client {
    /// `base` is what stands before `/v1`.
    pub(crate) fn new(base: &str) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .user_agent(concat!("sillage-demo/", env!("CARGO_PKG_VERSION")))
            .timeout_global(Some(Duration::from_secs(60)))
            // The server is on this machine.
            .proxy(None)
            .build();
        Self {
            agent: config.into(),
            base: base.trim_end_matches('/').to_owned(),
            token: None,
        }
    }

    /// Logs in with a username and a password, as OAuth 2 has it (RFC 6749 section 4.3).
    pub(crate) fn log_in(&self, username: &str, password: &Secret) -> Result<Self, DemoError> {
        let form = [
            ("grant_type", "password"),
            ("client_id", "sillage"),
            ("username", username),
            ("password", password.expose()),
        ];
        let answer = self.tried("log-in", || {
            self.agent
                .post(self.url("/oauth2/access_token"))
                .send_form(form)
        })?;
        let granted: Value = answer.json("log-in", 200)?;
        let token = granted["access_token"]
            .as_str()
            .ok_or_else(|| answer.unexpected("log-in"))?;
        Ok(Self {
            token: Some(Secret::new(token)),
            ..self.clone()
        })
    }

    pub(crate) fn post(&self, path: &str, json: &str) -> Result<Answer, DemoError> {
        let request = || {
            self.agent
                .post(self.url(path))
                .content_type("application/json")
        };
        self.tried(path, || {
            request()
                .header("Authorization", self.authorization())
                .send(json)
        })
    }

    /// Puts a text of that media type.
    pub(crate) fn put(&self, path: &str, media: &str, text: &str) -> Result<Answer, DemoError> {
        let request = || self.agent.put(self.url(path)).content_type(media);
        self.tried(path, || {
            request()
                .header("Authorization", self.authorization())
                .send(text)
        })
    }

    pub(crate) fn patch(&self, path: &str, json: &str) -> Result<Answer, DemoError> {
        let request = || {
            self.agent
                .patch(self.url(path))
                .content_type("application/json")
        };
        self.tried(path, || {
            request()
                .header("Authorization", self.authorization())
                .send(json)
        })
    }

    pub(crate) fn get(&self, path: &str) -> Result<Answer, DemoError> {
        self.tried(path, || {
            self.agent
                .get(self.url(path))
                .header("Authorization", self.authorization())
                .call()
        })
    }

    /// An answer of any length, to be read as it comes.
    pub(crate) fn download(&self, path: &str) -> Result<impl Read + use<>, DemoError> {
        let request = self
            .agent
            .get(self.url(path))
            .header("Authorization", self.authorization());
        let response = request
            .call()
            .map_err(|source| DemoError::no_answer(path, source))?;
        let status = response.status().as_u16();
        let mut body = response.into_body();
        if status != 200 {
            let body = body.read_to_string().unwrap_or_default();
            return Err(DemoError::Unexpected {
                what: path.to_owned(),
                status,
                body,
            });
        }
        Ok(body.into_with_config().limit(u64::MAX).reader())
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    fn authorization(&self) -> String {
        self.token
            .as_ref()
            .map_or_else(String::new, |token| format!("Bearer {}", token.expose()))
    }

    /// Sends until there is an answer other than "later".
    fn tried(
        &self,
        what: &str,
        mut send: impl FnMut() -> Result<Response<Body>, ureq::Error>,
    ) -> Result<Answer, DemoError> {
        let mut sent = 1;
        loop {
            let answer = send().and_then(Answer::read);
            let wait = match &answer {
                Ok((answer, wait)) if matches!(answer.status, 429 | 503) => *wait,
                Ok(_) => None,
                Err(_) => Some(WAIT),
            };
            match (wait, answer) {
                (Some(wait), _) if sent < TRIES => sleep(wait),
                (_, Ok((answer, _))) => return Ok(answer),
                (_, Err(source)) => return Err(DemoError::no_answer(what, source)),
            }
            sent += 1;
        }
    }
}

impl Answer {
    /// Reads it whole; with it, how long to wait where the server asks for that.
    fn read(mut response: Response<Body>) -> Result<(Self, Option<Duration>), ureq::Error> {
        let number = |name: &str| {
            response
                .headers()
                .get(name)?
                .to_str()
                .ok()?
                .parse::<u64>()
                .ok()
        };
        let wait = number("Retry-After").map_or(WAIT, Duration::from_secs);
        let (status, total) = (response.status().as_u16(), number("X-Total-Count"));
        let body = response.body_mut().read_to_vec()?;
        Ok((
            Self {
                status,
                total,
                body,
            },
            Some(wait),
        ))
    }

    /// The body, if the answer has the status that it should have.
    pub(crate) fn json<T: DeserializeOwned>(
        &self,
        what: &str,
        status: u16,
    ) -> Result<T, DemoError> {
        if self.status != status {
            return Err(self.unexpected(what));
        }
        serde_json::from_slice(&self.body).map_err(|_| self.unexpected(what))
    }

    pub(crate) fn unexpected(&self, what: &str) -> DemoError {
        let body = String::from_utf8_lossy(&self.body).into_owned();
        DemoError::Unexpected {
            what: what.to_owned(),
            status: self.status,
            body,
        }
    }
}
