//! The floor: an endpoint that reads the same body and answers as much, and does nothing else.

use crate::Result;
use actix_web::http::header::{ContentType, LOCATION};
use actix_web::{App, HttpResponse, HttpServer, rt, web};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::child::Process;

/// As much as the server answers: the stored entry, with what the server adds to it.
const ANSWER: &str = r#"{"number":1000000,"uri":"http://127.0.0.1:8080/v1/logs/1000000","id":"0190c1d2-7e1c-7cc0-b9c0-6f1f6c0a9d10","session":"s-100","sequence":1000000,"timestamp":"2024-05-18T10:17:33.109000Z","received_at":"2024-05-18T10:17:33.109000Z","action":"regionDeposer","status":"accepted","payload":{"roomName":"salleForet","userAnswer":"if(none){win}else{loose}","attempt":3,"position":[104.5,-3.25,88]}}"#;

#[derive(Deserialize)]
struct Entry<'a> {
    id: &'a str,
    session: &'a str,
    sequence: i64,
    timestamp: &'a str,
    action: &'a str,
    #[serde(borrow)]
    payload: &'a RawValue,
}

async fn take(body: web::Bytes) -> HttpResponse {
    match serde_json::from_slice::<Entry<'_>>(&body) {
        Ok(entry) if is_whole(&entry) => HttpResponse::Created()
            .insert_header(ContentType::json())
            .insert_header((LOCATION, "http://127.0.0.1:8080/v1/logs/1000000"))
            .body(ANSWER),
        _ => HttpResponse::BadRequest().finish(),
    }
}

/// Looks at every member, so that none is read for nothing.
fn is_whole(entry: &Entry<'_>) -> bool {
    entry.sequence >= 0
        && [entry.id, entry.session, entry.timestamp, entry.action]
            .iter()
            .all(|text| !text.is_empty())
        && entry.payload.get().starts_with('{')
}

/// Serves on a free port, which it prints, until its standard input ends.
///
/// # Errors
///
/// No port is free.
pub fn serve(workers: usize) -> Result<()> {
    let system = rt::System::new();
    system.block_on(async {
        let server = HttpServer::new(|| App::new().route("/v1/logs", web::post().to(take)))
            .workers(workers)
            .bind(("127.0.0.1", 0))?;
        let address = server.addrs().first().copied().ok_or("not bound")?;
        writeln!(std::io::stdout(), "{address}")?;
        let server = server.run();
        let handle = server.handle();
        let (gone, parent) = tokio::sync::oneshot::channel::<()>();
        std::thread::spawn(move || {
            // Ends when the parent does, however it ends.
            let _ = std::io::stdin().read_to_end(&mut Vec::new());
            drop(gone);
        });
        rt::spawn(async move {
            let _ = parent.await;
            handle.stop(false).await;
        });
        server.await?;
        Ok(())
    })
}

/// The floor as a child process.
pub struct Floor {
    /// Where it listens.
    pub address: SocketAddr,
    _process: Process,
}

impl Floor {
    /// Starts it: `program` is one that serves the floor when it is given the words `serve-floor --workers N`.
    ///
    /// # Errors
    ///
    /// The program does not start, or prints no address.
    pub fn start(program: &Path, workers: usize) -> Result<Self> {
        let mut child = Command::new(program)
            .args(["serve-floor", "--workers", &workers.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let output = child.stdout.take();
        let process = Process::new(child);
        let mut line = String::new();
        BufReader::new(output.ok_or("the floor has no output")?).read_line(&mut line)?;
        Ok(Self {
            address: line.trim().parse()?,
            _process: process,
        })
    }
}
