//! HTTP as bytes: what is no request, what is two requests at once, what never ends.

use crate::serve::Running;
use crate::support::{World, settings};
use rstest::rstest;
use serde_json::Value;
use sillage_http::HttpSettings;
use std::io::{Read, Write};
use std::time::Duration;

/// What a server says to these bytes until it closes the connection, or says nothing more for as long as the reader waits.
fn said(server: &Running, bytes: &[u8]) -> String {
    let mut stream = server.connect();
    // It may refuse, and close, before all of it is sent.
    let _ = stream.write_all(bytes);
    let mut text = Vec::new();
    let _ = stream.read_to_end(&mut text);
    String::from_utf8_lossy(&text).into_owned()
}

fn quick() -> World {
    let settings = HttpSettings {
        client_timeout: Duration::from_secs(1),
        ..settings()
    };
    World::with(settings, |ports| ports)
}

fn statuses(said: &str) -> Vec<u16> {
    let lines = said.split("HTTP/1.").skip(1);
    lines
        .map(|line| line.split(' ').nth(1).unwrap().parse().unwrap())
        .collect()
}

/// The code of the one error of the last answer.
fn code(said: &str) -> Value {
    let (_, body) = said.rsplit_once("\r\n\r\n").unwrap();
    let json: Value = serde_json::from_str(body).unwrap_or_else(|_| panic!("{said}"));
    json["errors"][0]["code"].clone()
}

/// Behind each of these a second request hides, which a careless reader would take for one.
#[rstest]
#[case("GARBAGE\r\n")]
#[case("GET / HTTP/9.9\r\nHost: x\r\n")]
#[case("GET /health/live HTTP/1.1\r\n")]
#[case("GET /health/live HTTP/1.1\r\nHost: a\r\nHost: b\r\n")]
#[case("GET /health/live HTTP/1.1\r\nHost: x\r\nBad Name: a\r\n")]
#[case("GET /health/live HTTP/1.1\r\nHost: x\r\nA: b\r\n folded\r\n")]
#[case("POST /v1/logs HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n")]
#[case("POST /v1/logs HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n")]
#[case("POST /v1/logs HTTP/1.1\r\nHost: x\r\nContent-Length: 3, 3\r\n")]
#[case("POST /v1/logs HTTP/1.1\r\nHost: x\r\nContent-Length: +3\r\n")]
#[case("POST /v1/logs HTTP/1.1\r\nHost: x\r\nContent-Length: -3\r\n")]
#[case("POST /v1/logs HTTP/1.1\r\nHost: x\r\nContent-Length: 0x3\r\n")]
#[case("POST /v1/logs HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n")]
#[case("POST /v1/logs HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, identity\r\n")]
#[case("POST /v1/logs HTTP/1.1\r\nHost: x\r\nTransfer-Encoding : chunked\r\n")]
#[case("POST /v1/logs HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n")]
fn what_is_no_request_is_refused_and_nothing_after_it_is_read(#[case] head: &str) {
    let world = World::new();
    let server = Running::start(&world);
    let hidden = "0\r\n\r\nGET /health/live HTTP/1.1\r\nHost: x\r\n\r\n";
    let text = said(&server, format!("{head}\r\n{hidden}").as_bytes());
    assert_eq!(statuses(&text), [400], "{text}");
    server.stop();
}

#[rstest]
#[case(format!("GET /health/live HTTP/1.1\r\nHost: x\r\nX: {}\r\n\r\n", "a".repeat(200_000)))]
#[case(format!("GET /health/live HTTP/1.1\r\nHost: x\r\n{}\r\n", "X: a\r\n".repeat(200)))]
fn a_head_that_is_too_large_is_refused(#[case] request: String) {
    let world = World::new();
    let server = Running::start(&world);
    let text = said(&server, request.as_bytes());
    assert_eq!(statuses(&text), [431], "{text}");
    server.stop();
}

#[test]
fn requests_that_are_sent_one_after_the_other_are_answered_in_that_order() {
    let world = World::new();
    let server = Running::start(&world);
    let text = said(
        &server,
        b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\nGET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n\
          HEAD /health/live HTTP/1.1\r\nHost: x\r\n\r\n\
          GET /health/ready HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    );
    assert_eq!(statuses(&text), [200, 404, 200, 200], "{text}");
    assert!(text.ends_with("{\"status\":\"ready\"}"), "{text}");
    server.stop();
}

#[test]
fn an_old_client_is_answered_and_the_connection_ends() {
    let world = World::new();
    let server = Running::start(&world);
    let text = said(&server, b"GET /health/live HTTP/1.0\r\n\r\n");
    assert_eq!(statuses(&text), [200], "{text}");
    assert!(text.ends_with("{\"status\":\"live\"}"), "{text}");
    server.stop();
}

#[test]
fn who_asks_whether_to_send_a_body_is_told_to() {
    let world = World::new();
    let server = Running::start(&world);
    let mut stream = server.connect();
    stream
        .write_all(
            b"POST /oauth2/access_token HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\
              Content-Type: application/json\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n",
        )
        .unwrap();
    let mut start = [0; 25];
    stream.read_exact(&mut start).unwrap();
    assert_eq!(&start, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(b"{}").unwrap();
    let mut rest = String::new();
    stream.read_to_string(&mut rest).unwrap();
    assert!([400, 401].contains(&statuses(&rest)[0]), "{rest}");
    server.stop();
}

#[test]
fn the_server_as_a_whole_is_asked_with_an_asterisk() {
    let world = World::new();
    let server = Running::start(&world);
    let text = said(
        &server,
        b"OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    );
    assert_eq!(statuses(&text), [204], "{text}");
    assert!(text.contains("PATCH"), "{text}");
    server.stop();
}

#[rstest]
#[case("GET /health/live HT")]
#[case("GET /health/live HTTP/1.1\r\nHost: x\r\nX-Slow: ")]
fn who_does_not_finish_the_head_of_a_request_is_not_waited_for(#[case] begun: &str) {
    let world = quick();
    let server = Running::start(&world);
    let text = said(&server, begun.as_bytes());
    assert_eq!(statuses(&text), [408], "{text}");
    server.stop();
}

#[rstest]
#[case("/v1/logs")]
#[case("/nowhere")]
fn who_is_refused_does_not_keep_the_connection_with_a_body_without_end(#[case] path: &str) {
    let world = World::new();
    let server = Running::start(&world);
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: x\r\nUser-Agent: test\r\nContent-Type: application/json\r\n\
         Transfer-Encoding: chunked\r\n\r\n5\r\n[1,2,\r\n"
    );
    let mut stream = server.connect();
    stream.write_all(head.as_bytes()).unwrap();
    let mut text = String::new();
    // It ends by itself, long before the reader has waited long enough.
    stream.read_to_string(&mut text).unwrap();
    assert!([401, 404].contains(&statuses(&text)[0]), "{text}");
    server.stop();
}

#[rstest]
#[case("Content-Length: 300\r\n\r\n{")]
#[case("Transfer-Encoding: chunked\r\n\r\n5\r\n{\"a\"")]
fn who_does_not_finish_a_body_is_not_waited_for(#[case] rest: &str) {
    let world = quick();
    let server = Running::start(&world);
    let head = format!(
        "POST /v1/logs HTTP/1.1\r\nHost: x\r\nUser-Agent: test\r\nAuthorization: Bearer {}\r\n\
         Content-Type: application/json\r\n{rest}",
        world.token("ada")
    );
    let text = said(&server, head.as_bytes());
    assert_eq!(statuses(&text), [408], "{text}");
    assert_eq!(code(&text), 408);
    assert!(text.to_lowercase().contains("connection: close"), "{text}");
    server.stop();
}
