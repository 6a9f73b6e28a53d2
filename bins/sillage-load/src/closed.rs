//! The closed loop: each connection sends its next request when the answer to the last has arrived.

use crate::report::FloorRatio;
use crate::requests::Requests;
use crate::spread::Spread;
use crate::wire::Connection;
use crate::{Failure, Result};
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

/// No connection sends more than this in one go, however fast the other side is.
const MOST_REQUESTS: u64 = 200_000;
/// How long the last answers may take once the time is over.
const PATIENCE: Duration = Duration::from_secs(60);

/// Before the first round.
const WARM_UP: Duration = Duration::from_millis(500);

/// What was acknowledged.
#[derive(Debug, Clone, Copy)]
pub struct Tally {
    /// Entries whose answer arrived.
    pub entries: u64,
    /// From the first request to the last answer.
    pub elapsed: Duration,
}

impl Tally {
    /// Entries per second.
    #[must_use]
    pub fn rate(self) -> f64 {
        self.entries as f64 / self.elapsed.as_secs_f64()
    }
}

/// Sends for that long, one connection for each of `requests`, from one thread. Every answer must have the status `expected`.
///
/// The requests go on where they ended when they are given again.
///
/// # Errors
///
/// An answer is another one, or does not come within a minute.
pub fn run(
    address: SocketAddr,
    requests: &mut Vec<Requests>,
    time: Duration,
    expected: u16,
) -> Result<Tally> {
    run_some(address, requests, MOST_REQUESTS, time, expected)
}

/// The same with a bound on the requests of each connection.
///
/// # Errors
///
/// As [`run`].
pub fn run_some(
    address: SocketAddr,
    requests: &mut Vec<Requests>,
    most: u64,
    time: Duration,
    expected: u16,
) -> Result<Tally> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let mut streams = Vec::with_capacity(requests.len());
        for _ in 0..requests.len() {
            streams.push(Connection::open(address).await?);
        }
        let mut connections = JoinSet::new();
        let start = Instant::now();
        for (stream, requests) in streams.into_iter().zip(requests.drain(..)) {
            connections.spawn(connection(stream, requests, start + time, most, expected));
        }
        let mut entries = 0;
        let all = async {
            while let Some(ended) = connections.join_next().await {
                let (back, acknowledged) = ended??;
                requests.push(back);
                entries += acknowledged;
            }
            Ok::<_, Failure>(())
        };
        tokio::time::timeout(time + PATIENCE, all).await??;
        Ok(Tally {
            entries,
            elapsed: start.elapsed(),
        })
    })
}

async fn connection(
    mut stream: Connection,
    mut requests: Requests,
    end: Instant,
    most: u64,
    expected: u16,
) -> Result<(Requests, u64)> {
    let mut sent = 0;
    while Instant::now() < end && sent < most {
        let answer = stream.send(requests.next()).await?;
        if answer.status != expected {
            let text = String::from_utf8_lossy(answer.body);
            return Err(format!("an entry was answered {}: {text}", answer.status).into());
        }
        sent += 1;
    }
    let entries = requests.entries();
    Ok((requests, sent * entries))
}

/// Measures single posts and the floor in turn, so that what the machine does besides meets both. `acknowledged` is told the number of
/// entries that each round added.
///
/// # Errors
///
/// As [`run`].
pub fn against(
    floor: SocketAddr,
    server: SocketAddr,
    posts: &mut Vec<Requests>,
    rounds: usize,
    time: Duration,
    mut acknowledged: impl FnMut(u64, f64),
) -> Result<FloorRatio> {
    let connections = posts.len();
    let names = (0..connections).map(|n| format!("f-{n}"));
    let mut parses: Vec<_> = names.map(|name| Requests::single("", &name)).collect();
    // Pools, caches and the database's file are there before the first round.
    let warm_up = WARM_UP.min(time);
    acknowledged(run(server, posts, warm_up, 201)?.entries, 0.0);
    run(floor, &mut parses, warm_up, 201)?;
    let (mut stored, mut parsed) = (Vec::new(), Vec::new());
    for _ in 0..rounds.max(1) {
        let tally = run(server, posts, time, 201)?;
        stored.push(tally.rate());
        parsed.push(run(floor, &mut parses, time, 201)?.rate());
        let ratio = stored[stored.len() - 1] / parsed[parsed.len() - 1];
        acknowledged(tally.entries, ratio);
    }
    Ok(FloorRatio {
        connections,
        server: Spread::of(&stored),
        floor: Spread::of(&parsed),
        ratio: Spread::ratio(&stored, &parsed),
    })
}
