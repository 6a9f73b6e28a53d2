//! Requests and answers.

use actix_web::Error;
use actix_web::body::to_bytes;
use actix_web::dev::{Service, ServiceResponse};
use actix_web::http::header::HeaderMap;
use actix_web::http::{Method, StatusCode};
use actix_web::test;
use serde_json::{Value, json};
use std::io::Write;
use std::net::SocketAddr;

/// The API as a client sees it.
pub(crate) struct Client<S> {
    service: S,
}

impl<S: Service<actix_http::Request, Response = ServiceResponse, Error = Error>> Client<S> {
    pub(crate) fn new(service: S) -> Self {
        Self { service }
    }

    /// Sends a request, and leaves the body of the answer where it is.
    pub(crate) async fn begin(&self, request: Request) -> ServiceResponse {
        let mut sent = test::TestRequest::with_uri(&request.uri).method(request.method);
        for (name, value) in request.headers {
            sent = sent.append_header((name, value));
        }
        let sent = sent.set_payload(request.body).to_request();
        self.service.call(sent).await.unwrap()
    }

    /// Sends a request that has a User-Agent and, with a token, credentials.
    pub(crate) async fn send(&self, request: Request) -> Answer {
        let mut sent = test::TestRequest::with_uri(&request.uri).method(request.method);
        if let Some(peer) = request.peer {
            sent = sent.peer_addr(peer);
        }
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
    peer: Option<SocketAddr>,
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
            peer: None,
        }
    }

    /// From that address.
    pub(crate) fn from(mut self, address: &str) -> Self {
        self.peer = Some(SocketAddr::new(address.parse().unwrap(), 4711));
        self
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
