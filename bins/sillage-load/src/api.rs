//! What is asked of the API besides what is measured.

use crate::Result;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::io::Read;
use std::time::{Duration, Instant};
use ureq::http::Response;
use ureq::{Agent, Body};

/// Hashing the passwords of a whole study takes a while.
const PATIENCE: Duration = Duration::from_secs(300);
/// A thousand entries with the largest payloads there may be.
const LARGEST_PAGE: u64 = 128 << 20;
/// Of the studies that are made.
const TITLE: &str = "Measurements";

/// The API, as somebody who runs studies sees it.
pub struct Api {
    agent: Agent,
    base: String,
    /// The access token that it asks with.
    pub token: String,
}

/// What somebody logs in with.
#[derive(Clone, Deserialize)]
pub struct Account {
    /// The name.
    pub username: String,
    /// The password.
    pub password: String,
}

/// A file that was exported.
#[derive(Debug, Clone, Copy)]
pub struct Exported {
    /// Line ends in it.
    pub lines: u64,
    /// Its size.
    pub bytes: u64,
    /// From the request to the first byte of the file.
    pub first: Duration,
    /// From the request to the last.
    pub whole: Duration,
}

impl Api {
    /// With a token that somebody has. `base` is what stands before `/v1`, without a slash at its end.
    #[must_use]
    pub fn new(base: &str, token: &str) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(PATIENCE))
            .user_agent(crate::USER_AGENT)
            // What the address named is what is asked, and nobody in between or beyond.
            .proxy(None)
            .max_redirects(0)
            .build();
        Self {
            agent: config.into(),
            base: base.to_owned(),
            token: token.to_owned(),
        }
    }

    /// Logs in.
    ///
    /// # Errors
    ///
    /// The server does not answer, or not with a token.
    pub fn log_in(base: &str, username: &str, password: &str) -> Result<Self> {
        let mut api = Self::new(base, "");
        api.token = api.token_of(username, password)?;
        Ok(api)
    }

    /// The access token of an account.
    ///
    /// # Errors
    ///
    /// The server does not answer, or not as it should.
    pub fn token_of(&self, username: &str, password: &str) -> Result<String> {
        let form = [
            ("grant_type", "password"),
            ("client_id", "sillage"),
            ("username", username),
            ("password", password),
        ];
        let url = format!("{}/oauth2/access_token", self.base);
        let answer = read(self.agent.post(url).send_form(form)?, 200)?;
        Ok(text(&answer["access_token"])?.to_owned())
    }

    /// Makes a study, opens it, and enrols that many participants; gives a token for each.
    ///
    /// # Errors
    ///
    /// The server does not answer, or not as it should.
    pub fn open_study(&self, slug: &str, participants: usize) -> Result<Vec<String>> {
        self.begin_study(slug)?;
        let accounts = self.enrol(slug, slug, participants)?;
        accounts
            .iter()
            .map(|account| self.token_of(&account.username, &account.password))
            .collect()
    }

    /// Whether there is a study of that name that this account may see.
    ///
    /// # Errors
    ///
    /// The server does not answer, or not as it should.
    pub fn has_study(&self, slug: &str) -> Result<bool> {
        let url = format!("{}/v1/studies/{slug}", self.base);
        let request = self.agent.get(url).header("Authorization", self.bearer());
        let mut answer = request.call()?;
        match answer.status().as_u16() {
            200 => Ok(true),
            404 => Ok(false),
            status => {
                let text = answer.body_mut().read_to_string()?;
                Err(format!("the study {slug} was answered {status}: {text}").into())
            }
        }
    }

    /// Makes a study and opens it.
    ///
    /// # Errors
    ///
    /// The server does not answer, or not as it should.
    pub fn begin_study(&self, slug: &str) -> Result<()> {
        self.post("/v1/studies", &json!({"slug": slug, "title": TITLE}))?;
        let url = format!("{}/v1/studies/{slug}", self.base);
        let request = self.agent.patch(url).header("Authorization", self.bearer());
        read(request.send_json(json!({"status": "open"}))?, 200)?;
        Ok(())
    }

    /// Makes that many accounts of participants, with passwords that the server makes.
    ///
    /// # Errors
    ///
    /// The server does not answer, or not as it should.
    pub fn enrol(&self, slug: &str, prefix: &str, count: usize) -> Result<Vec<Account>> {
        let path = format!("/v1/studies/{slug}/participants");
        let answer = self.post(&path, &json!({"count": count, "prefix": prefix}))?;
        let accounts = answer["participants"]
            .as_array()
            .ok_or("no participants were made")?;
        let account = |account: &Value| {
            Ok(Account {
                username: text(&account["username"])?.to_owned(),
                password: text(&account["password"])?.to_owned(),
            })
        };
        accounts.iter().map(account).collect()
    }

    /// The same with a password that somebody chose.
    ///
    /// # Errors
    ///
    /// The server does not answer, or not as it should.
    pub fn enrol_with_password(
        &self,
        slug: &str,
        prefix: &str,
        count: usize,
    ) -> Result<Vec<Account>> {
        let path = format!("/v1/studies/{slug}/participants");
        let enrol = |n| {
            let account = Account {
                username: format!("{prefix}-{n}"),
                password: format!("chosen.by.{prefix}.{n}"),
            };
            let body = json!({"username": account.username, "password": account.password});
            self.post(&path, &body)?;
            Ok(account)
        };
        (0..count).map(enrol).collect()
    }

    /// Lets an account log in no more.
    ///
    /// # Errors
    ///
    /// The server does not answer, or not as it should.
    pub fn deactivate(&self, slug: &str, account: &Account) -> Result<()> {
        let name = &account.username;
        let url = format!("{}/v1/studies/{slug}/participants/{name}", self.base);
        let request = self.agent.patch(url).header("Authorization", self.bearer());
        read(request.send_json(json!({"active": false}))?, 200)?;
        Ok(())
    }

    /// Makes a text in TOML the codebook of a study.
    ///
    /// # Errors
    ///
    /// The server does not answer, or not as it should.
    pub fn put_codebook(&self, slug: &str, toml: &str) -> Result<()> {
        let url = format!("{}/v1/studies/{slug}/codebook", self.base);
        let request = self.agent.put(url).header("Authorization", self.bearer());
        read(request.content_type("application/toml").send(toml)?, 201)?;
        Ok(())
    }

    /// Has a study ask for consent to the collection, with a notice.
    ///
    /// # Errors
    ///
    /// The server does not answer, or not as it should.
    pub fn ask_for_consent(&self, slug: &str) -> Result<()> {
        let url = format!("{}/v1/studies/{slug}/notice?language=en", self.base);
        let request = self.agent.put(url).header("Authorization", self.bearer());
        read(
            request
                .content_type("text/markdown")
                .send("# What is kept")?,
            201,
        )?;
        let url = format!("{}/v1/studies/{slug}", self.base);
        let request = self.agent.patch(url).header("Authorization", self.bearer());
        read(
            request.send_json(json!({"consent_purposes": ["collection"]}))?,
            200,
        )?;
        Ok(())
    }

    /// Has whoever holds that token consent to all that the study asks for.
    ///
    /// # Errors
    ///
    /// The server does not answer, or not as it should.
    pub fn consent(&self, token: &str) -> Result<()> {
        let url = format!("{}/v1/me/consents", self.base);
        let bearer = format!("Bearer {token}");
        let request = self.agent.post(url).header("Authorization", bearer);
        read(
            request.send_json(json!({"decision": "given", "notice": 1}))?,
            201,
        )?;
        Ok(())
    }

    /// How many entries a study has, by `X-Total-Count`.
    ///
    /// # Errors
    ///
    /// The server does not answer, or not as it should.
    pub fn total(&self, slug: &str) -> Result<u64> {
        let answer = self.get(&format!("/v1/logs?study={slug}&page_size=1"))?;
        let total = answer
            .headers()
            .get("x-total-count")
            .ok_or("the list has no total")?;
        Ok(total.to_str()?.parse()?)
    }

    /// The entries of a study that come after a number, as many as a page has.
    ///
    /// # Errors
    ///
    /// The server does not answer, or not as it should.
    pub fn page<T: DeserializeOwned>(&self, slug: &str, size: usize, after: u64) -> Result<Vec<T>> {
        let path = format!("/v1/logs?study={slug}&page_size={size}&after={after}");
        let mut answer = self.get(&path)?;
        let text = answer
            .body_mut()
            .with_config()
            .limit(LARGEST_PAGE)
            .read_to_vec()?;
        Ok(serde_json::from_slice(&text)?)
    }

    /// Exports a study, and counts.
    ///
    /// # Errors
    ///
    /// The server does not answer, or not as it should.
    pub fn export(&self, slug: &str, format: &str) -> Result<Exported> {
        let start = Instant::now();
        let path = format!("/v1/studies/{slug}/export?format={format}&view=full");
        let mut answer = self.get(&path)?;
        let mut exported = count(&mut answer.body_mut().as_reader(), start)?;
        exported.whole = start.elapsed();
        Ok(exported)
    }

    /// The report on the quality of a study.
    ///
    /// # Errors
    ///
    /// The server does not answer, or not as it should.
    pub fn quality(&self, slug: &str) -> Result<Value> {
        let mut answer = self.get(&format!("/v1/studies/{slug}/quality"))?;
        Ok(answer.body_mut().read_json()?)
    }

    fn get(&self, path: &str) -> Result<Response<Body>> {
        let answer = self
            .agent
            .get(format!("{}{path}", self.base))
            .header("Authorization", self.bearer())
            .header("Accept-Encoding", "identity")
            .call()?;
        if answer.status() != 200 {
            return Err(format!("GET {path} was answered {}", answer.status()).into());
        }
        Ok(answer)
    }

    fn post(&self, path: &str, body: &Value) -> Result<Value> {
        let request = self
            .agent
            .post(format!("{}{path}", self.base))
            .header("Authorization", self.bearer());
        read(request.send_json(body)?, 201)
    }

    fn bearer(&self) -> String {
        format!("Bearer {}", self.token)
    }
}

/// Reads a file to its end, and counts its lines.
///
/// # Errors
///
/// The file breaks off.
pub fn count(file: &mut impl Read, start: Instant) -> Result<Exported> {
    let mut buffer = vec![0; 64 << 10];
    let mut exported = Exported {
        lines: 0,
        bytes: 0,
        first: Duration::ZERO,
        whole: Duration::ZERO,
    };
    loop {
        let read = file.read(&mut buffer)?;
        if exported.bytes == 0 {
            exported.first = start.elapsed();
        }
        if read == 0 {
            exported.whole = start.elapsed();
            return Ok(exported);
        }
        exported.bytes += read as u64;
        exported.lines += buffer[..read].iter().filter(|&&b| b == b'\n').count() as u64;
    }
}

fn read(mut answer: Response<Body>, expected: u16) -> Result<Value> {
    let text = answer.body_mut().read_to_string()?;
    if answer.status() != expected {
        return Err(format!("the server answered {}: {text}", answer.status()).into());
    }
    Ok(serde_json::from_str(&text)?)
}

fn text(value: &Value) -> Result<&str> {
    Ok(value.as_str().ok_or("a member of the answer is missing")?)
}
