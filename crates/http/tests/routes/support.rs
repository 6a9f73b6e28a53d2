//! A server over the store in memory, with people of every role, for the tests of the routes.

use actix_web::body::to_bytes;
use actix_web::dev::{Service, ServiceResponse};
use actix_web::http::header::HeaderMap;
use actix_web::http::{Method, StatusCode};
use actix_web::{App, Error, test};
use serde_json::{Value, json};
use sillage_auth::{Claims, Cost, Passwords, Scope, Secret, SigningKey, SigningKeys};
use sillage_domain::testing::MemoryStore;
use sillage_domain::{
    Account, NewAccount, NewStudy, PasswordHash, Ports, Role, Study, StudyChange, StudyRole,
    StudySalt, StudyStatus, SubjectId, Timestamp, Validation,
};
use sillage_http::{Api, HttpSettings, Keys, configure};
use sillage_pseudonym::{Code, RootKey, random_bytes};
use std::io::Write;
use std::num::NonZeroUsize;
use std::sync::Arc;
use uuid::Uuid;

/// The password of everybody.
pub(crate) const PASSWORD: &str = "correct horse";
const ROOT: [u8; 32] = [7; 32];
const SIGNING: [u8; 32] = [9; 32];

/// Settings that do not make a test wait.
pub(crate) fn settings() -> HttpSettings {
    HttpSettings {
        public_url: "http://sillage.test".to_owned(),
        password_cost: Cost::new(4).unwrap(),
        generated_password_cost: Cost::new(4).unwrap(),
        hashing_threads: NonZeroUsize::MIN,
        ..HttpSettings::default()
    }
}

pub(crate) fn now() -> Timestamp {
    "2024-06-01T12:00:00Z".parse().unwrap()
}

/// A store with people in it, and the API over it.
pub(crate) struct World {
    pub(crate) ports: Ports,
    pub(crate) api: Api,
    pub(crate) study: Study,
}

impl World {
    /// With an open study `tsadk`, its participants `ada` and `bob`, its manager `mia`, analyst `ann`, developer `dev` and monitor
    /// `mon`, the admin `admin`, and `out`, a researcher who has no study.
    pub(crate) fn new() -> Self {
        Self::with(settings(), |ports| ports)
    }

    pub(crate) fn with(settings: HttpSettings, around: impl FnOnce(Ports) -> Ports) -> Self {
        let ports = Ports::of(Arc::new(MemoryStore::default()));
        let study = new_study(&ports, "tsadk", StudyStatus::Open);
        for name in ["ada", "bob"] {
            ports
                .accounts
                .enrol(study.id, &[new_account(name)], now())
                .unwrap();
        }
        ports
            .accounts
            .create_user(&new_account("admin"), Role::Admin, now())
            .unwrap();
        let members = [
            ("mia", StudyRole::Manager),
            ("ann", StudyRole::Analyst),
            ("dev", StudyRole::Developer),
            ("mon", StudyRole::Monitor),
        ];
        for (name, role) in members {
            let account = ports
                .accounts
                .create_user(&new_account(name), Role::Researcher, now())
                .unwrap();
            ports
                .accounts
                .put_member(study.id, account.id, role)
                .unwrap();
        }
        ports
            .accounts
            .create_user(&new_account("out"), Role::Researcher, now())
            .unwrap();
        let api = Api::new(around(ports.clone()), keys(), settings)
            .unwrap()
            .with_clock(now);
        Self { ports, api, study }
    }

    pub(crate) fn account(&self, username: &str) -> Account {
        self.ports
            .accounts
            .account_by_username(&username.parse().unwrap())
            .unwrap()
            .unwrap()
    }

    /// An access token of that account, good for a day.
    pub(crate) fn token(&self, username: &str) -> String {
        self.token_of(username, now(), signing())
    }

    pub(crate) fn token_of(
        &self,
        username: &str,
        issued: Timestamp,
        signing: SigningKeys,
    ) -> String {
        let account = self.account(username);
        let claims = Claims::new(
            account.subject,
            Scope::of_role(account.role),
            issued,
            86_400,
            Uuid::new_v4(),
        );
        signing.issue(&claims).unwrap().expose().to_owned()
    }

    pub(crate) fn set_status(&self, status: StudyStatus) {
        let change = StudyChange {
            status: Some(status),
            ..StudyChange::default()
        };
        self.ports
            .studies
            .change_study(self.study.id, &change, None, now())
            .unwrap();
    }

    pub(crate) fn set_validation(&self, validation: Validation) {
        let change = StudyChange {
            validation: Some(validation),
            ..StudyChange::default()
        };
        self.ports
            .studies
            .change_study(self.study.id, &change, None, now())
            .unwrap();
    }

    /// The pseudonym of a participant.
    pub(crate) fn pseudonym(&self, username: &str) -> Code {
        let key = RootKey::from_bytes(ROOT).study_key(self.study.salt.as_bytes());
        key.pseudonym(self.account(username).subject.as_bytes())
    }

    pub(crate) fn hash(&self, password: &str) -> PasswordHash {
        Passwords::new(Cost::new(4).unwrap())
            .unwrap()
            .hash(&Secret::new(password))
            .unwrap()
    }

    /// Sends requests to the API.
    pub(crate) async fn client(
        &self,
    ) -> Client<impl Service<actix_http::Request, Response = ServiceResponse, Error = Error> + use<>>
    {
        Client {
            service: test::init_service(App::new().configure(configure(self.api.clone()))).await,
        }
    }
}

/// Another API over the same store.
pub(crate) fn over(world: &World, settings: HttpSettings) -> World {
    let api = Api::new(world.ports.clone(), keys(), settings)
        .unwrap()
        .with_clock(now);
    World {
        ports: world.ports.clone(),
        api,
        study: world.study.clone(),
    }
}

pub(crate) fn signing() -> SigningKeys {
    SigningKeys::new(&[SigningKey::new("test", SIGNING)]).unwrap()
}

pub(crate) fn keys() -> Keys {
    Keys {
        root: RootKey::from_bytes(ROOT),
        signing: signing(),
    }
}

pub(crate) fn new_account(username: &str) -> NewAccount {
    let password_hash = Passwords::new(Cost::new(4).unwrap())
        .unwrap()
        .hash(&Secret::new(PASSWORD))
        .unwrap();
    NewAccount {
        subject: SubjectId::new(random_bytes().unwrap()),
        username: username.parse().unwrap(),
        password_hash,
    }
}

pub(crate) fn new_study(ports: &Ports, slug: &str, status: StudyStatus) -> Study {
    let new = NewStudy {
        slug: slug.parse().unwrap(),
        title: slug.to_uppercase(),
        description: String::new(),
        validation: Validation::Quarantine,
        salt: StudySalt::new(random_bytes().unwrap()),
    };
    let study = ports.studies.create_study(&new, None, now()).unwrap();
    let change = StudyChange {
        status: Some(status),
        ..StudyChange::default()
    };
    ports
        .studies
        .change_study(study.id, &change, None, now())
        .unwrap()
}

/// The API as a client sees it.
pub(crate) struct Client<S> {
    service: S,
}

impl<S: Service<actix_http::Request, Response = ServiceResponse, Error = Error>> Client<S> {
    /// Sends a request that has a User-Agent and, with a token, credentials.
    pub(crate) async fn send(&self, request: Request) -> Answer {
        let mut sent = test::TestRequest::with_uri(&request.uri).method(request.method);
        for (name, value) in request.headers {
            sent = sent.append_header((name, value));
        }
        let sent = sent.set_payload(request.body).to_request();
        match self.service.call(sent).await {
            Ok(response) => Answer::of(response.into_parts().1).await,
            Err(error) => Answer::of(error.error_response()).await,
        }
    }

    pub(crate) async fn get(&self, uri: &str, token: &str) -> Answer {
        self.send(get(uri).token(token)).await
    }

    pub(crate) async fn post(&self, uri: &str, token: &str, body: Value) -> Answer {
        self.send(post(uri).token(token).json(&body)).await
    }

    pub(crate) async fn patch(&self, uri: &str, token: &str, body: Value) -> Answer {
        self.send(Request::new(Method::PATCH, uri).token(token).json(&body))
            .await
    }
}

/// A request to be sent.
pub(crate) struct Request {
    method: Method,
    uri: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

pub(crate) fn get(uri: &str) -> Request {
    Request::new(Method::GET, uri)
}

pub(crate) fn post(uri: &str) -> Request {
    Request::new(Method::POST, uri)
}

impl Request {
    pub(crate) fn new(method: Method, uri: &str) -> Self {
        let headers = vec![("User-Agent".to_owned(), "test/1.0".to_owned())];
        Self {
            method,
            uri: uri.to_owned(),
            headers,
            body: Vec::new(),
        }
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(known, _)| known != name);
        self
    }

    pub(crate) fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    pub(crate) fn token(self, token: &str) -> Self {
        self.header("Authorization", format!("Bearer {token}"))
    }

    pub(crate) fn basic(self, username: &str, password: &str) -> Self {
        self.header("Authorization", basic(username, password))
    }

    pub(crate) fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    pub(crate) fn text(self, content_type: &str, body: &str) -> Self {
        self.header("Content-Type", content_type).body(body)
    }

    pub(crate) fn json(self, body: &Value) -> Self {
        self.text("application/json", &body.to_string())
    }
}

/// The value of an `Authorization` header with HTTP Basic.
pub(crate) fn basic(username: &str, password: &str) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let text = format!("{username}:{password}");
    let mut encoded = String::from("Basic ");
    for three in text.as_bytes().chunks(3) {
        let bits = three
            .iter()
            .fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte))
            << (8 * (3 - three.len()));
        for place in 0..4 {
            let six = (bits >> (18 - 6 * place)) as usize & 63;
            encoded.push(if place <= three.len() {
                char::from(ALPHABET[six])
            } else {
                '='
            });
        }
    }
    encoded
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) bytes: Vec<u8>,
}

impl Answer {
    async fn of(response: actix_web::HttpResponse) -> Self {
        let (status, headers) = (response.status(), response.headers().clone());
        let bytes = to_bytes(response.into_body()).await.unwrap().to_vec();
        Self {
            status,
            headers,
            bytes,
        }
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.bytes).unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// The codes of its errors.
    pub(crate) fn codes(&self) -> Vec<u64> {
        let json = self.json();
        json["errors"]
            .as_array()
            .unwrap()
            .iter()
            .map(|error| error["code"].as_u64().unwrap())
            .collect()
    }

    /// The pointers of its errors.
    pub(crate) fn pointers(&self) -> Vec<String> {
        let json = self.json();
        let errors = json["errors"].as_array().unwrap();
        errors
            .iter()
            .map(|error| error["pointer"].as_str().unwrap_or("none").to_owned())
            .collect()
    }

    /// Its status and the code of its first error.
    pub(crate) fn told(&self) -> (u16, u64) {
        assert_eq!(
            self.header("content-type"),
            Some("application/json"),
            "{self:?}"
        );
        (self.status.as_u16(), self.codes()[0])
    }

    #[track_caller]
    pub(crate) fn ok(self, status: u16) -> Self {
        assert_eq!(
            self.status.as_u16(),
            status,
            "{}",
            String::from_utf8_lossy(&self.bytes)
        );
        self
    }
}

/// The `rel` of a link in a `Link` header, as a path with its query.
pub(crate) fn link(answer: &Answer, relation: &str) -> Option<String> {
    let links = answer.header("link")?;
    let link = links
        .split(", ")
        .find(|link| link.ends_with(&format!("rel=\"{relation}\"")))?;
    let url = link.split_once('<')?.1.split_once('>')?.0;
    Some(url.strip_prefix("http://sillage.test")?.to_owned())
}

/// A batch of bytes, compressed.
pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A log entry of a game.
pub(crate) fn entry(n: u32) -> Value {
    json!({
        "id": format!("0190c1d2-7e1c-7cc0-b9c0-{n:012x}"), "session": "s-81", "sequence": n,
        "timestamp": "2024-05-18T10:17:33.109Z", "action": "regionDeposer", "payload": {"roomName": "salleForet"}
    })
}
