//! Connections that are cut in the middle of a body.

use crate::dice::Dice;
use crate::load::{Load, wait_until};
use crate::process::{open_files, resident};
use crate::stage::{Ended, Stage};
use crate::support::Server;
use crate::support::class::{ADMIN_PASSWORD, Class};
use flate2::Compression;
use flate2::write::GzEncoder;
use socket2::SockRef;
use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::Duration;

/// Who cut at the same time.
const THREADS: usize = 4;
/// What all of it may leave in the server's memory, in MiB.
const MOST: u64 = 64;

pub(crate) fn play(stage: &Stage) -> Ended {
    let server = Server::with_admin_password(stage.engine, ADMIN_PASSWORD);
    let class = Class::new(server.address(), "cut", THREADS + 4);
    let tokens: Vec<String> = (0..THREADS).map(|n| class.token(4 + n)).collect();
    let load = Load::start(&Class {
        players: class.players[..4].to_vec(),
        ..class.clone()
    });
    load.wait_for_more(40);
    let before = (open_files(server.pid()), resident(server.pid()));
    let cuts = stage.times(10_000, 500);
    let address = server.address();
    let cutting: Vec<_> = tokens
        .into_iter()
        .enumerate()
        .map(|(n, token)| {
            std::thread::spawn(move || {
                let mut dice = Dice::new(n as u64);
                for k in 0..cuts / THREADS {
                    cut(address, &token, k, &mut dice);
                }
            })
        })
        .collect();
    for thread in cutting {
        thread.join().unwrap();
    }
    load.wait_for_more(40);
    let held = class
        .admin("GET", "/v1/logs?study=cut&session=cut&page_size=1")
        .send(class.server);
    assert_eq!(held.header("X-Total-Count"), Some("0"), "a part was stored");
    assert!(class.quarantine().is_empty(), "a part went to quarantine");
    wait_until("the server has closed what was cut", || {
        open_files(server.pid()) <= before.0 + 16
    });
    let after = resident(server.pid());
    assert!(
        after < before.1 + MOST,
        "memory grew from {} to {after} MiB",
        before.1
    );
    load.finish(&class, |_| {
        format!("{cuts} cuts, memory {} to {after} MiB", before.1)
    })
}

/// Sends a request up to some byte of its body, and is gone.
fn cut(address: SocketAddr, token: &str, k: usize, dice: &mut Dice) {
    let entry = |k: usize| {
        let id = uuid::Uuid::now_v7();
        format!(
            r#"{{"id":"{id}","session":"cut","sequence":{k},"timestamp":"2024-05-18T10:17:33Z","action":"a"}}"#
        )
    };
    let entries: Vec<String> = (0..1 + k % 9).map(|n| entry(k * 10 + n)).collect();
    let (kind, body) = match k % 2 {
        0 => ("application/json", format!("[{}]", entries.join(","))),
        _ => ("application/x-ndjson", entries.join("\n") + "\n"),
    };
    let mut body = body.into_bytes();
    let how = match k % 3 {
        0 => format!("Content-Length: {}", body.len()),
        1 => {
            let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
            gzip.write_all(&body).unwrap();
            body = gzip.finish().unwrap();
            format!("Content-Encoding: gzip\r\nContent-Length: {}", body.len())
        }
        _ => {
            let chunk =
                |part: &[u8]| [format!("{:x}\r\n", part.len()).as_bytes(), part, b"\r\n"].concat();
            let mut chunks: Vec<u8> = body.chunks(50).flat_map(chunk).collect();
            chunks.extend(b"0\r\n\r\n");
            body = chunks;
            "Transfer-Encoding: chunked".to_owned()
        }
    };
    let head = format!(
        "POST /v1/logs HTTP/1.1\r\nHost: {address}\r\nUser-Agent: faults\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: {kind}\r\n{how}\r\n\r\n"
    );
    let end = dice.below(body.len());
    let mut stream = TcpStream::connect(address).unwrap();
    // The server may have answered and closed already.
    let _ = stream.write_all(&[head.as_bytes(), &body[..end]].concat());
    match dice.below(3) {
        // Gone with all that was sent, as if a cable was pulled and the system gave up.
        0 => SockRef::from(&stream)
            .set_linger(Some(Duration::ZERO))
            .unwrap(),
        // Says that nothing more comes, and still listens.
        1 => {
            let _ = stream.shutdown(Shutdown::Write);
            stream
                .set_read_timeout(Some(Duration::from_secs(30)))
                .unwrap();
            let mut answer = Vec::new();
            let _ = stream.read_to_end(&mut answer);
            assert!(
                !answer.starts_with(b"HTTP/1.1 2"),
                "{}",
                String::from_utf8_lossy(&answer)
            );
        }
        _ => {}
    }
}
