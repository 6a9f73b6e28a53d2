//! The protocol of the TSADK collector, played against two servers in turn.
//!
//! Each player asks for a token with HTTP Basic, then posts flat objects with the token in the place of the username, as the old
//! game does. Either server may be the old collector or Sillage.

use crate::Result;
use crate::address::Target;
use crate::latency::{Latency, Times};
use crate::spread::Spread;
use crate::wire::Connection;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::{Deserialize, Serialize};
use sillage_domain::Timestamp;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

/// How long the last answers may take once the time is over.
const PATIENCE: Duration = Duration::from_secs(60);

/// A player of the old collector.
#[derive(Clone, Deserialize)]
pub struct TsadkPlayer {
    /// What he logs in with.
    pub username: String,
    /// His password.
    pub password: String,
    /// His number, which the game puts into every action as `userID`.
    pub number: u64,
}

/// A server of the two, and who plays there.
pub struct Side {
    /// The server.
    pub target: Target,
    /// The players, each on a connection of his own.
    pub players: Vec<TsadkPlayer>,
}

/// What one server gave.
#[derive(Debug, Clone, Serialize)]
pub struct Found {
    /// Where it is.
    pub server: String,
    /// From the request to the token.
    pub log_ins: Latency,
    /// From the request to the answer, in the closed loop.
    pub posts: Latency,
    /// Actions stored or kept a second, in each round.
    pub rate: Spread,
    /// How often each status was answered to an action.
    pub statuses: BTreeMap<u16, u64>,
}

/// Both, and how they compare.
#[derive(Debug, Clone, Serialize)]
pub struct Compared {
    /// Connections on each side.
    pub connections: usize,
    /// The first and the second.
    pub found: [Found; 2],
    /// The rate of the second divided by that of the first, by rounds.
    pub ratio: Spread,
}

/// Reads players from CSV with the columns `username`, `password` and `number`.
///
/// # Errors
///
/// The file can't be read, or a row lacks a column.
pub fn players(path: &Path) -> Result<Vec<TsadkPlayer>> {
    let name = |error| format!("{}: {error}", path.display());
    let mut reader = csv::Reader::from_path(path).map_err(name)?;
    let rows: std::result::Result<Vec<_>, _> = reader.deserialize().collect();
    Ok(rows.map_err(name)?)
}

/// Plays against both in turn, so that what the machine does besides meets both.
///
/// # Errors
///
/// A server gives no token, or answers no action with a 2xx.
pub fn compare(
    sides: &[Side; 2],
    connections: usize,
    rounds: usize,
    time: Duration,
    mut progress: impl FnMut(&str, f64),
) -> Result<Compared> {
    let mut tallies = [Tally::new()?, Tally::new()?];
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let mut ready = Vec::new();
    for (side, tally) in sides.iter().zip(&mut tallies) {
        ready.push(runtime.block_on(log_in(side, connections, tally))?);
    }
    for _ in 0..rounds.max(1) {
        for (n, side) in sides.iter().enumerate() {
            let players = std::mem::take(&mut ready[n]);
            ready[n] = runtime.block_on(round(players, time, &mut tallies[n]))?;
            let rate = tallies[n].rates.last().copied().unwrap_or(0.0);
            progress(&side.target.base, rate);
        }
    }
    let ratio = Spread::ratio(&tallies[1].rates, &tallies[0].rates);
    let [first, second] = tallies;
    Ok(Compared {
        connections,
        found: [first.found(&sides[0]), second.found(&sides[1])],
        ratio,
    })
}

struct Tally {
    log_ins: Times,
    posts: Times,
    rates: Vec<f64>,
    statuses: BTreeMap<u16, u64>,
}

impl Tally {
    fn new() -> Result<Self> {
        Ok(Self {
            log_ins: Times::new()?,
            posts: Times::new()?,
            rates: Vec::new(),
            statuses: BTreeMap::new(),
        })
    }

    fn found(self, side: &Side) -> Found {
        Found {
            server: side.target.base.clone(),
            log_ins: self.log_ins.latency(),
            posts: self.posts.latency(),
            rate: Spread::of(&self.rates),
            statuses: self.statuses,
        }
    }
}

/// A player who has a token.
struct Ready {
    connection: Connection,
    head: String,
    number: u64,
    sequence: u64,
}

#[derive(Deserialize)]
struct Token {
    token: String,
}

async fn log_in(side: &Side, connections: usize, tally: &mut Tally) -> Result<Vec<Ready>> {
    let Target {
        host,
        path,
        address,
        base,
    } = &side.target;
    if side.players.len() < connections {
        return Err(format!("{base}: {connections} connections want as many players").into());
    }
    let mut ready = Vec::with_capacity(connections);
    for player in &side.players[..connections] {
        let mut connection = Connection::new(*address);
        let pair = BASE64_STANDARD.encode(format!("{}:{}", player.username, player.password));
        let request = format!(
            "GET {path}/v1/utils/token HTTP/1.1\r\nHost: {host}\r\nUser-Agent: {}\r\nAuthorization: Basic {pair}\r\n\r\n",
            crate::USER_AGENT
        );
        let start = Instant::now();
        let sent = tokio::time::timeout(PATIENCE, connection.send(request.as_bytes()));
        let answer = sent
            .await
            .map_err(|_| format!("{base}: no token in time"))??;
        if answer.status != 200 {
            let text = String::from_utf8_lossy(answer.body);
            return Err(format!("{base}: a log-in was answered {}: {text}", answer.status).into());
        }
        tally.log_ins.push(start.elapsed());
        let Token { token } = serde_json::from_slice(answer.body)?;
        let pair = BASE64_STANDARD.encode(format!("{token}:unused"));
        ready.push(Ready {
            connection,
            head: format!(
                "POST {path}/v1/logs HTTP/1.1\r\nHost: {host}\r\nUser-Agent: {}\r\nAuthorization: Basic {pair}\r\n\
                 Content-Type: application/json\r\nContent-Length: ",
                crate::USER_AGENT
            ),
            number: player.number,
            sequence: 0,
        });
    }
    Ok(ready)
}

async fn round(players: Vec<Ready>, time: Duration, tally: &mut Tally) -> Result<Vec<Ready>> {
    let mut tasks = JoinSet::new();
    let start = Instant::now();
    for mut player in players {
        tasks.spawn(async move {
            let mut answers = Vec::new();
            while start.elapsed() < time {
                let begin = Instant::now();
                let request = player.next();
                let sent = player.connection.send(request.as_bytes());
                let answer = tokio::time::timeout(PATIENCE, sent).await;
                let answer = answer.map_err(|_| "no answer in time")??;
                answers.push((answer.status, begin.elapsed()));
            }
            Ok::<_, crate::Failure>((player, answers))
        });
    }
    let (mut back, mut kept) = (Vec::new(), 0_u64);
    while let Some(ended) = tasks.join_next().await {
        let (player, answers) = ended??;
        back.push(player);
        for (status, time) in answers {
            *tally.statuses.entry(status).or_default() += 1;
            if (200..300).contains(&status) {
                kept += 1;
                tally.posts.push(time);
            }
        }
    }
    if kept == 0 {
        return Err(format!("no action was taken: answered {:?}", tally.statuses).into());
    }
    tally
        .rates
        .push(kept as f64 / start.elapsed().as_secs_f64());
    Ok(back)
}

impl Ready {
    /// The next action, as the game writes it.
    fn next(&mut self) -> String {
        self.sequence += 1;
        let mut buffer = [0; 27];
        let body = format!(
            r#"{{"userID":{},"timestamp":"{}","sequence":{},"roomName":"salleForet","actionNature":"mettre_main","actionType":"regionDeposer","userAnswer":"if(none){{win}}else{{loose}}","userError":"incorrect"}}"#,
            self.number,
            Timestamp::now().format(&mut buffer),
            self.sequence,
        );
        format!("{}{}\r\n\r\n{body}", self.head, body.len())
    }
}

impl Compared {
    /// Both side by side, for people.
    #[must_use]
    pub fn text(&self) -> String {
        use crate::report::number;
        let [first, second] = &self.found;
        let line =
            |what: &str, one: String, other: String| format!("{what:<34} {one:>26} {other:>26}\n");
        let latency = |what: &str, of: fn(&Latency) -> f64| {
            line(what, number(of(&first.posts)), number(of(&second.posts)))
        };
        let statuses = |found: &Found| {
            let all = found.statuses.iter();
            let all: Vec<_> = all
                .map(|(status, count)| format!("{status}: {count}"))
                .collect();
            all.join(", ")
        };
        let mut text = line("", first.server.clone(), second.server.clone());
        text += &line(
            "actions a second",
            number(first.rate.median),
            number(second.rate.median),
        );
        text += &latency("an action, half, ms", |posts| posts.p50);
        text += &latency("an action, 99 %, ms", |posts| posts.p99);
        text += &latency("an action, longest, ms", |posts| posts.max);
        text += &line(
            "a log-in, half, ms",
            number(first.log_ins.p50),
            number(second.log_ins.p50),
        );
        text += &line("answers", statuses(first), statuses(second));
        text += &format!(
            "\n{} connections; second / first: {:.2} ({:.2} to {:.2})\n",
            self.connections, self.ratio.median, self.ratio.least, self.ratio.greatest
        );
        text
    }
}
