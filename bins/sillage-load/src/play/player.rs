//! One player: logs in, plays, and sends what he does on a connection of his own.

use super::batch::{Answered, Batch, UNKNOWN, said};
use super::game::{Due, Game, Move};
use super::plan::{Outage, Pace, Plan};
use super::recorder::Recorder;
use crate::address::Target;
use crate::api::Account;
use crate::recording::Session;
use crate::requests;
use crate::wire::{Answer, Connection};
use serde::Deserialize;
use sillage_domain::Timestamp;
use std::cell::{Cell, RefCell};
use std::io::Write;
use std::rc::Rc;
use std::time::Duration;
use tokio::time::{Instant, sleep_until, timeout_at};
use uuid::Uuid;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// The first wait before a request is sent again; each further one is twice as long.
const FIRST_WAIT: Duration = Duration::from_millis(100);
/// The longest wait, also where the server asks for a longer one.
const LONGEST_WAIT: Duration = Duration::from_secs(10);
/// A timer wakes up to that much too late. That is no fault of the server.
const GRAIN: Duration = Duration::from_millis(2);
/// Entries that a game sends together, where more have gathered.
const MOST_TOGETHER: usize = 100;

/// What all players have in common.
pub(super) struct Field {
    pub(super) target: Target,
    pub(super) plan: Plan,
    pub(super) players: usize,
    pub(super) recorded: Rc<Vec<Session>>,
    pub(super) recorder: RefCell<Recorder>,
    /// When everything began.
    pub(super) origin: Cell<Instant>,
    /// The same as an instant of the calendar, in microseconds.
    pub(super) calendar: Cell<i64>,
    /// Begins the names of play sessions.
    pub(super) run: String,
    /// How many are logged in.
    pub(super) playing: Cell<usize>,
}

impl Field {
    pub(super) fn since(&self, moment: Instant) -> Duration {
        moment.saturating_duration_since(self.origin.get())
    }

    fn end(&self) -> Instant {
        self.origin.get() + self.plan.time
    }

    /// When nobody goes on trying.
    fn last_moment(&self) -> Instant {
        self.end() + self.plan.patience
    }

    /// The time without Wi-Fi.
    pub(super) fn outage(&self) -> Option<(Instant, Instant)> {
        let Outage { begins, ends } = self.plan.outage?;
        Some((self.origin.get() + begins, self.origin.get() + ends))
    }
}

/// A player.
pub(super) struct Player {
    n: usize,
    field: Rc<Field>,
    account: Account,
    connection: Connection,
    /// Head of a request up to the length of its body.
    head: String,
    request: Vec<u8>,
}

impl Player {
    pub(super) fn new(n: usize, account: &Account, field: &Rc<Field>) -> Self {
        Self {
            n,
            field: Rc::clone(field),
            account: account.clone(),
            connection: Connection::new(field.target.address),
            head: String::new(),
            request: Vec::new(),
        }
    }

    /// Logs in at that moment, and tries until it works or the time is over.
    pub(super) async fn log_in(&mut self, at: Instant) -> bool {
        sleep_until(at).await;
        let field = Rc::clone(&self.field);
        let begin = start(at);
        let Target { host, path, .. } = &field.target;
        self.request = requests::log_in(host, path, &self.account);
        for tries in 0.. {
            self.wait_for_wi_fi().await;
            match self.exchange().await {
                Ok(answer) if answer.status == 200 => {
                    let Some(token) = token(answer.body) else {
                        break;
                    };
                    self.head = format!(
                        "POST {path}/v1/logs?verbose=false HTTP/1.1\r\nHost: {host}\r\nUser-Agent: {}\r\n\
                         Authorization: Bearer {token}\r\nContent-Type: application/json\r\nContent-Length: ",
                        crate::USER_AGENT
                    );
                    let mut recorder = field.recorder.borrow_mut();
                    recorder.answered(200);
                    recorder.log_ins.push(begin.elapsed());
                    field.playing.set(field.playing.get() + 1);
                    return true;
                }
                Ok(answer) if !matches!(answer.status, 429 | 500..) => {
                    let (status, why) = (answer.status, said("a log-in", &answer));
                    let now = field.since(Instant::now());
                    field.recorder.borrow_mut().failed(now, status, &why);
                    break;
                }
                other => {
                    let asked = other_wait(&field, other);
                    let wait = self.later(asked, tries);
                    if Instant::now() + wait > field.last_moment() {
                        break;
                    }
                    tokio::time::sleep(wait).await;
                }
            }
        }
        field.recorder.borrow_mut().failed_log_ins += 1;
        false
    }

    /// Plays from that moment on until the time is over, and sends what is left.
    pub(super) async fn play(&mut self, begin: Instant) {
        let field = Rc::clone(&self.field);
        let mut game = Game::new(&field.recorded, &field.plan, self.n, field.players);
        if field.plan.pace == Pace::Closed {
            while Instant::now() < field.end() {
                let due = game.next();
                let now = Instant::now();
                if !self.deliver(&game, now, now, &[due]).await {
                    break;
                }
            }
            return;
        }
        let together = if field.plan.pace.is_game() {
            MOST_TOGETHER
        } else {
            1
        };
        let mut next = game.next();
        while begin + next.at < field.end() {
            let at = begin + next.at;
            sleep_until(at).await;
            let now = Instant::now();
            let mut entries = next.moves.len();
            let mut batch = vec![std::mem::replace(&mut next, game.next())];
            // Whatever gathered while the last answer was awaited.
            while begin + next.at <= now
                && begin + next.at < field.end()
                && entries + next.moves.len() <= together
            {
                entries += next.moves.len();
                batch.push(std::mem::replace(&mut next, game.next()));
            }
            if !self.deliver(&game, begin, start(at), &batch).await {
                break;
            }
        }
        // What is left was due and never sent.
        let mut unsent = 0;
        while begin + next.at < field.end() {
            unsent += next.moves.len() as u64;
            next = game.next();
        }
        field.recorder.borrow_mut().counts.unsent += unsent;
    }

    /// Sends entries until they are answered; says whether there is time for more.
    async fn deliver(&mut self, game: &Game, begin: Instant, start: Instant, dues: &[Due]) -> bool {
        let field = Rc::clone(&self.field);
        let batch = self.write(game, begin, start, dues);
        let entries = batch.ids.len() as u64;
        field.recorder.borrow_mut().counts.sent += entries;
        for tries in 0.. {
            self.wait_for_wi_fi().await;
            if Instant::now() >= field.last_moment() {
                break;
            }
            if tries > 0 {
                field.recorder.borrow_mut().counts.retries += 1;
            }
            let answered = match self.exchange().await {
                Ok(answer) => batch.answered(&field, &answer),
                Err(why) => {
                    let now = field.since(Instant::now());
                    field.recorder.borrow_mut().failed(now, 0, &why);
                    UNKNOWN
                }
            };
            let Answered::Later { asked, turned_away } = answered else {
                return true;
            };
            if !field.plan.pace.is_game() {
                // The next entry is due, whatever became of this one.
                field.recorder.borrow_mut().gave_up(entries, turned_away);
                let wait = self.later(asked, 0);
                if field.plan.pace == Pace::Closed {
                    tokio::time::sleep(wait).await;
                }
                return Instant::now() < field.last_moment();
            }
            let wait = self.later(asked, tries);
            tokio::time::sleep(wait.div_f64(field.plan.speed.max(1.0))).await;
        }
        field.recorder.borrow_mut().counts.unanswered += entries;
        false
    }

    /// Puts the request together.
    fn write(&mut self, game: &Game, begin: Instant, start: Instant, dues: &[Due]) -> Batch {
        let field = &self.field;
        let mut batch = Batch {
            dues: Vec::with_capacity(dues.len()),
            ids: Vec::new(),
        };
        let mut body = Vec::with_capacity(512);
        let several = dues.iter().map(|due| due.moves.len()).sum::<usize>() > 1;
        if several {
            body.push(b'[');
        }
        for due in dues {
            // The first one as late as the timer was.
            let at = (begin + due.at).max(if batch.dues.is_empty() { start } else { begin });
            batch.dues.push((at, due.moves.len()));
            for one in &due.moves {
                if !batch.ids.is_empty() {
                    body.push(b',');
                }
                let id = Uuid::now_v7();
                batch.ids.push(id);
                let when = field.since(begin) + one.at;
                let when = field.calendar.get() + when.as_micros() as i64;
                self.write_entry(&mut body, game, one, id, when);
            }
        }
        if several {
            body.push(b']');
        }
        self.request.clear();
        self.request.extend_from_slice(self.head.as_bytes());
        // Writing to memory does not fail.
        let _ = write!(self.request, "{}\r\n\r\n", body.len());
        self.request.extend_from_slice(&body);
        batch
    }

    fn write_entry(&self, body: &mut Vec<u8>, game: &Game, one: &Move, id: Uuid, when: i64) {
        let when = Timestamp::from_micros(when).unwrap_or_else(Timestamp::now);
        let mut buffer = [0; 27];
        let (action, payload) = game.content(one);
        // Names of runs and of actions have nothing that JSON would escape.
        let _ = write!(
            body,
            r#"{{"id":"{id}","session":"{}-{}-{}","sequence":{},"timestamp":"{}","action":"{action}","payload":{payload}}}"#,
            self.field.run,
            self.n,
            one.session,
            one.sequence,
            when.format(&mut buffer),
        );
    }

    /// Sends the request, and reads the answer, unless the Wi-Fi goes away meanwhile.
    async fn exchange(&mut self) -> Result<Answer<'_>, String> {
        let now = Instant::now();
        let limit = match self.field.outage() {
            Some((begins, _)) if begins > now => begins.min(now + PATIENCE),
            _ => now + PATIENCE,
        };
        match timeout_at(limit, self.connection.send(&self.request)).await {
            Ok(answer) => answer.map_err(|error| error.to_string()),
            // What was under way went with its connection.
            Err(_) => Err("no answer in time".to_owned()),
        }
    }

    /// While the Wi-Fi is gone, nobody has a connection; and not all machines find it again at the same moment.
    async fn wait_for_wi_fi(&mut self) {
        if let Some((begins, ends)) = self.field.outage() {
            let now = Instant::now();
            if (begins..ends).contains(&now) {
                self.connection.cut();
                let spread = Duration::from_secs(2).div_f64(self.field.plan.speed);
                sleep_until(ends + spread.mul_f64((self.n as f64 * 0.618).fract())).await;
            }
        }
    }

    /// How long to wait before a request is sent again.
    fn later(&self, asked: Option<Duration>, tries: u32) -> Duration {
        let wait = asked.unwrap_or_else(|| FIRST_WAIT * 2_u32.pow(tries.min(6)));
        // Not all at once.
        let jitter = 1.0 + 0.5 * (f64::from(tries + 1) * (self.n + 1) as f64 * 0.618).fract();
        wait.mul_f64(jitter).min(LONGEST_WAIT)
    }
}

/// When something begins that was to begin at that moment: then, or as much later as a timer is coarse.
fn start(at: Instant) -> Instant {
    let now = Instant::now();
    if now.saturating_duration_since(at) <= GRAIN {
        now
    } else {
        at
    }
}

/// Writes down a log-in that did not work for now; gives how long the server asks to wait.
fn other_wait(field: &Field, answer: Result<Answer<'_>, String>) -> Option<Duration> {
    let now = field.since(Instant::now());
    let mut recorder = field.recorder.borrow_mut();
    match answer {
        Ok(answer) => {
            recorder.failed(now, answer.status, &said("a log-in", &answer));
            answer.retry_after.map(Duration::from_secs)
        }
        Err(why) => {
            recorder.failed(now, 0, &why);
            None
        }
    }
}

fn token(body: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Granted {
        access_token: String,
    }
    let granted: Granted = serde_json::from_slice(body).ok()?;
    Some(granted.access_token)
}
