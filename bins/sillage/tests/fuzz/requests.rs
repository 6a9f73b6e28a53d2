//! Requests to a running server: made from its own description, and changed in their structure and in their bytes.

use crate::description::Description;
use crate::dice::Dice;
use crate::making::make;
use crate::parsers::corpus;
use crate::process::resident;
use crate::support::Engine;
use crate::support::raw::Request;
use crate::world::World;
use std::collections::BTreeMap;
use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// Who ask at the same time.
const THREADS: usize = 8;
/// After so many, a good entry must be taken, and those who ask get a study that is whole.
const ROUND: usize = 500;
/// What all of it may add to the server's memory after the first fifth, in MiB.
const MOST: u64 = 96;
/// After this, nothing more is sent: what the server still waited for does not come.
const GRACE: Duration = Duration::from_millis(700);
/// A request that has no answer by then hangs.
const PATIENCE: Duration = Duration::from_secs(60);

/// Sends so many, and tells what came back. Panics if it was an error of the server, or nothing.
pub(crate) fn play(engine: Engine, seed: u64, count: usize) -> String {
    let mut world = World::new(engine);
    let document = Request::new("GET", "/openapi.json")
        .send(world.address())
        .json();
    let description = Description::new(document);
    let corpora: Vec<Vec<u8>> = [
        "entry",
        "lines",
        "codebook-toml",
        "codebook-json",
        "requests",
        "credentials",
    ]
    .into_iter()
    .flat_map(corpus)
    .collect();
    let statuses = Mutex::new(BTreeMap::<u16, usize>::new());
    let (begin, mut servers, mut early) = (Instant::now(), 1, None);
    for round in 0..count.div_ceil(ROUND) {
        let names = match world.names() {
            Some(names) => names,
            None => {
                // An administrator among those who ask took the first one's account away.
                servers += 1;
                world = World::new(engine);
                early = None;
                world.names().unwrap()
            }
        };
        let (address, pid) = (world.address(), world.server.pid());
        std::thread::scope(|scope| {
            for thread in 0..THREADS {
                let (description, names, corpora, statuses) =
                    (&description, &names, &corpora, &statuses);
                scope.spawn(move || {
                    for n in (thread..ROUND.min(count)).step_by(THREADS) {
                        let number = (round * ROUND + n) as u64;
                        let mut dice = Dice::new(
                            seed.wrapping_add(number)
                                .wrapping_mul(0x9e37_79b9_7f4a_7c15),
                        );
                        let request = make(&mut dice, description, names, corpora);
                        let status = send(address, &request).unwrap_or_else(|wrong| {
                            panic!(
                                "request {number} of seed {seed}: {wrong}: {}",
                                request.escape_ascii()
                            )
                        });
                        assert!(
                            status < 500 || status == 503,
                            "request {number} of seed {seed} was answered {status}: {}",
                            request.escape_ascii()
                        );
                        *statuses.lock().unwrap().entry(status).or_default() += 1;
                    }
                });
            }
        });
        world.takes_a_good_entry();
        assert!(
            !world.server.said().contains("panicked"),
            "{}",
            world.server.said()
        );
        if round >= count / ROUND / 5 {
            let now = resident(pid);
            let first = *early.get_or_insert(now);
            assert!(now < first + MOST, "memory grew from {first} to {now} MiB");
        }
    }
    let statuses = statuses.into_inner().unwrap();
    let told: Vec<String> = statuses
        .iter()
        .map(|(status, times)| match status {
            0 => format!("{times} closed without an answer"),
            _ => format!("{times} × {status}"),
        })
        .collect();
    format!(
        "requests on {engine:?}: {count} in {:.0} s to {} operations, {servers} servers, memory {} to {} MiB: {}",
        begin.elapsed().as_secs_f64(),
        description.operations.len(),
        early.unwrap_or_default(),
        resident(world.server.pid()),
        told.join(", ")
    )
}

/// Sends it on a connection of its own; gives the status, 0 where the server closed the connection without one.
fn send(address: SocketAddr, request: &[u8]) -> Result<u16, String> {
    let begin = Instant::now();
    let mut stream =
        TcpStream::connect(address).map_err(|error| format!("no connection: {error}"))?;
    stream.set_write_timeout(Some(PATIENCE)).unwrap();
    // The server may answer and close before it has all of it.
    let _ = stream.write_all(request);
    stream.set_read_timeout(Some(GRACE)).unwrap();
    let (mut answer, mut part, mut told_end) = (Vec::new(), [0; 16 << 10], false);
    loop {
        match stream.read(&mut part) {
            Ok(0) => break,
            Ok(read) => answer.extend_from_slice(&part[..read]),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                if begin.elapsed() > PATIENCE {
                    return Err(format!("no whole answer in {PATIENCE:?}"));
                }
                if !told_end {
                    told_end = true;
                    let _ = stream.shutdown(Shutdown::Write);
                }
            }
            Err(_) => break,
        }
    }
    let text = String::from_utf8_lossy(&answer[..answer.len().min(64)]).into_owned();
    match text
        .strip_prefix("HTTP/1.1 ")
        .or(text.strip_prefix("HTTP/1.0 "))
    {
        Some(rest) => rest
            .get(..3)
            .and_then(|status| status.parse().ok())
            .ok_or(text),
        None if answer.is_empty() => Ok(0),
        None => Err(format!("an answer that is no HTTP: {text}")),
    }
}
