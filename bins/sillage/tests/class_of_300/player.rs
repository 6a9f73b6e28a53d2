//! One player: a connection that stays open, as a game keeps it.

use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::sleep_until;

/// Where they all sit, as the proxy says.
const ADDRESS: &str = "198.51.100.7";

pub(crate) struct Player {
    pub(crate) server: SocketAddr,
    /// Username and password.
    pub(crate) account: (String, String),
    pub(crate) comes: Instant,
}

/// What became of one.
pub(crate) struct Played {
    /// When the log-in was sent.
    pub(crate) asked: Instant,
    /// When it was answered.
    pub(crate) let_in: Instant,
    /// The ids of the entries that were acknowledged.
    pub(crate) acknowledged: Vec<String>,
    /// Status and text of every answer that was none of these.
    pub(crate) refused: Vec<(u16, String)>,
}

impl Player {
    /// Logs in, and sends that many entries, each at its time, or as soon as the one before was answered.
    pub(crate) async fn play(self, entries: u32, pace: Duration) -> Played {
        sleep_until(self.comes.into()).await;
        let mut played = Played {
            asked: Instant::now(),
            let_in: self.comes,
            acknowledged: Vec::with_capacity(entries as usize),
            refused: Vec::new(),
        };
        let mut line = Line::connect(self.server).await.unwrap();
        let answer = line.send(&self.log_in()).await.unwrap();
        played.let_in = Instant::now();
        if answer.0 != 200 {
            played.refused.push(answer);
            return played;
        }
        let json: serde_json::Value = serde_json::from_str(&answer.1).unwrap();
        let token = json["access_token"].as_str().unwrap();
        let begin = played.let_in;
        for n in 0..entries {
            sleep_until((begin + pace * n).into()).await;
            let id = uuid::Uuid::now_v7().to_string();
            let answer = line.send(&self.entry(token, &id, n)).await.unwrap();
            match answer.0 {
                201 => played.acknowledged.push(id),
                _ => played.refused.push(answer),
            }
        }
        played
    }

    fn log_in(&self) -> String {
        let (username, password) = &self.account;
        let form = format!(
            "grant_type=password&client_id=sillage&username={username}&password={password}"
        );
        let headers = "Content-Type: application/x-www-form-urlencoded\r\n";
        request("/oauth2/access_token", headers, &form)
    }

    fn entry(&self, token: &str, id: &str, n: u32) -> String {
        let entry = format!(
            r#"{{"id":"{id}","session":"lesson","sequence":{n},"timestamp":"2024-05-18T10:17:33.109Z","action":"regionDeposer","payload":{{"roomName":"salleForet"}}}}"#
        );
        let headers =
            format!("Authorization: Bearer {token}\r\nContent-Type: application/json\r\n");
        request("/v1/logs", &headers, &entry)
    }
}

fn request(path: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "POST {path} HTTP/1.1\r\nHost: school\r\nUser-Agent: game/1\r\nX-Forwarded-For: {ADDRESS}\r\n\
         {headers}Content-Length: {length}\r\n\r\n{body}"
    )
}

struct Line {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Line {
    async fn connect(server: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(server).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            buffer: Vec::new(),
        })
    }

    /// Status and body of the answer.
    async fn send(&mut self, request: &str) -> io::Result<(u16, String)> {
        self.stream.write_all(request.as_bytes()).await?;
        self.buffer.clear();
        loop {
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            if let Some(answer) = whole(&self.buffer) {
                return Ok(answer);
            }
        }
    }
}

/// The answer, once it is there as a whole. Those that are met here tell their length.
fn whole(bytes: &[u8]) -> Option<(u16, String)> {
    let text = std::str::from_utf8(bytes).ok()?;
    let (head, body) = text.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length")
            .then(|| value.trim().parse::<usize>().ok())?
    })?;
    (body.len() >= length).then(|| (status, body.to_owned()))
}
