//! The API on a listener of its own, over real connections.

use crate::ports::{Slow, Trouble, Troubled};
use crate::support::{World, entry, settings};
use serde_json::Value;
use sillage_domain::Ports;
use sillage_http::serve;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::Notify;

/// A server on a thread, until it is told to stop.
pub(crate) struct Running {
    address: SocketAddr,
    stop: Arc<Notify>,
    thread: JoinHandle<()>,
}

impl Running {
    pub(crate) fn start(world: &World) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let stop = Arc::new(Notify::new());
        let (api, told) = (world.api.clone(), Arc::clone(&stop));
        let run = move || {
            let shutdown = async move { told.notified().await };
            let served = serve(api, listener, NonZeroUsize::MIN, shutdown);
            actix_web::rt::System::new().block_on(served).unwrap();
        };
        Self {
            address,
            stop,
            thread: std::thread::spawn(run),
        }
    }

    pub(crate) fn stop(self) {
        self.stop.notify_one();
        self.thread.join().unwrap();
    }

    pub(crate) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(20)))
            .unwrap();
        stream
    }

    fn post(&self, token: &str, body: &[u8]) -> TcpStream {
        let mut stream = self.connect();
        let head = format!(
            "POST /v1/logs HTTP/1.1\r\nHost: x\r\nUser-Agent: test\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(body).unwrap();
        stream
    }
}

/// The status and the body of an answer that ends with its connection.
fn answer(mut stream: TcpStream) -> (u16, Value) {
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, serde_json::from_str(body).unwrap())
}

#[test]
fn what_has_begun_is_answered_before_the_server_stops() {
    let begun = Arc::new(Notify::new());
    let told = Arc::clone(&begun);
    let world = World::with(settings(), move |ports| {
        let slow = Slow {
            within: ports.writer.clone(),
            pause: Duration::from_millis(300),
            begun: told,
        };
        Ports {
            writer: Arc::new(slow),
            ..ports
        }
    });
    let server = Running::start(&world);
    let stream = server.post(&world.token("ada"), entry(1).to_string().as_bytes());
    sillage_domain::testing::block_on(begun.notified());
    let address = server.address;
    server.stop();
    assert_eq!(answer(stream).0, 201);
    assert!(TcpStream::connect(address).is_err());
    assert_eq!(world.ports.logs.counts(world.study.id).unwrap().entries, 1);
}

#[test]
fn a_body_that_is_too_large_is_answered_although_the_client_still_sends() {
    let world = World::new();
    let server = Running::start(&world);
    let (status, body) = answer(server.post(&world.token("ada"), &vec![b' '; 8 << 20]));
    assert_eq!(
        (status, &body["errors"][0]["code"]),
        (413, &serde_json::json!(4131))
    );
    server.stop();
}

#[test]
fn a_panic_is_an_answer_and_not_the_end() {
    let world = World::with(settings(), |ports| Ports {
        writer: Arc::new(Troubled(Trouble::Panic)),
        ..ports
    });
    let server = Running::start(&world);
    for _ in 0..2 {
        let (status, body) =
            answer(server.post(&world.token("ada"), entry(1).to_string().as_bytes()));
        assert_eq!(
            (status, &body["errors"][0]["code"]),
            (500, &serde_json::json!(500))
        );
    }
    server.stop();
}

#[test]
fn an_export_is_streamed_and_head_has_no_body() {
    let world = World::new();
    let server = Running::start(&world);
    let ask = |method: &str| {
        let mut stream = server.connect();
        let head = format!(
            "{method} /v1/studies/tsadk/export HTTP/1.1\r\nHost: x\r\nUser-Agent: test\r\nConnection: close\r\n\
             Authorization: Bearer {}\r\n\r\n",
            world.token("mia")
        );
        stream.write_all(head.as_bytes()).unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        text
    };
    let read = ask("GET");
    assert!(
        read.to_lowercase().contains("transfer-encoding: chunked"),
        "{read}"
    );
    assert!(read.contains("number,"));
    let head = ask("HEAD");
    assert!(
        head.starts_with("HTTP/1.1 200") && head.ends_with("\r\n\r\n"),
        "{head}"
    );
    server.stop();
}
