//! The closed loop: each connection sends its next request when the answer to the last has arrived.

use crate::requests::Requests;
use crate::wire::head;
use crate::{Failure, Result};
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

/// No connection sends more than this in one go, however fast the other side is.
const MOST_REQUESTS: u64 = 200_000;
/// How long the last answers may take once the time is over.
const PATIENCE: Duration = Duration::from_secs(60);

/// What was acknowledged.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tally {
    /// Entries whose answer arrived.
    pub(crate) entries: u64,
    /// From the first request to the last answer.
    pub(crate) elapsed: Duration,
}

impl Tally {
    /// Entries per second.
    pub(crate) fn rate(self) -> f64 {
        self.entries as f64 / self.elapsed.as_secs_f64()
    }
}

/// Sends for that long, one connection for each of `requests`, from one thread. Every answer must have the status `expected`.
///
/// The requests go on where they ended when they are given again.
pub(crate) fn run(
    address: SocketAddr,
    requests: &mut Vec<Requests>,
    time: Duration,
    expected: u16,
) -> Result<Tally> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let mut streams = Vec::with_capacity(requests.len());
        for _ in 0..requests.len() {
            let stream = TcpStream::connect(address).await?;
            stream.set_nodelay(true)?;
            streams.push(stream);
        }
        let mut connections = JoinSet::new();
        let start = Instant::now();
        for (stream, requests) in streams.into_iter().zip(requests.drain(..)) {
            connections.spawn(connection(stream, requests, start + time, expected));
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
    mut stream: TcpStream,
    mut requests: Requests,
    end: Instant,
    expected: u16,
) -> Result<(Requests, u64)> {
    let mut buffer = vec![0; 32 << 10];
    let mut sent = 0;
    while Instant::now() < end && sent < MOST_REQUESTS {
        stream.write_all(requests.next()).await?;
        let (status, answer) = answer(&mut stream, &mut buffer).await?;
        if status != expected {
            let text = String::from_utf8_lossy(answer);
            return Err(format!("an entry was answered {status}: {text}").into());
        }
        sent += 1;
    }
    let entries = requests.entries();
    Ok((requests, sent * entries))
}

async fn answer<'a>(stream: &mut TcpStream, buffer: &'a mut Vec<u8>) -> Result<(u16, &'a [u8])> {
    let mut filled = 0;
    loop {
        if filled == buffer.len() {
            buffer.resize(2 * filled, 0);
        }
        let read = stream.read(&mut buffer[filled..]).await?;
        if read == 0 {
            return Err("the server closed the connection".into());
        }
        filled += read;
        if let Some(head) = head(&buffer[..filled])?
            && filled >= head.length + head.body
        {
            return Ok((head.status, &buffer[head.length..filled]));
        }
    }
}
