//! A class that plays through `sillage-client`, as games do: each player has a client with its queue on the disk.

use super::game::{Game, Move};
use super::plan::{Pace, Plan};
use super::recorder::Recorder;
use super::{Played, Progress, Talk};
use crate::Result;
use crate::address::Target;
use crate::api::Account;
use crate::ids::Ids;
use crate::recording;
use crate::relay::Relay;
use sillage_client::{Account as Identity, Client, Event, FlushToDisk, Settings};
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashSet, VecDeque};
use std::path::Path;
use std::rc::Rc;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use uuid::Uuid;

/// Of the client's own default: entries are sent after this time at the latest.
const SEND_EVERY: Duration = Duration::from_secs(2);
/// How many clients are ended at a time.
const ENDED_TOGETHER: usize = 64;

/// What is known of the entries of all players.
struct Shared {
    origin: Instant,
    /// When the network is gone.
    outage: Option<(Instant, Instant)>,
    recorder: Mutex<Recorder>,
}

/// Entries of one player that wait, in order.
#[derive(Default)]
struct Waiting {
    entries: VecDeque<(Instant, Uuid)>,
    /// Among them such as the server has not stored.
    others: HashSet<Uuid>,
    /// Some were dropped: nobody knows any more which ones an answer means.
    unsure: bool,
}

/// A player.
struct Player {
    client: Client,
    game: Game,
    next: Move,
    begin: Instant,
    waiting: Arc<Mutex<Waiting>>,
    session: (u32, sillage_client::Session),
}

pub(super) fn play(
    target: &Target,
    accounts: &[Account],
    plan: &Plan,
    acknowledged: &Path,
    progress: &mut Talk<'_>,
) -> Result<Played> {
    let relay = match plan.outage {
        Some(_) => Some(Relay::start(target.address)?),
        None => None,
    };
    let base = match &relay {
        Some(relay) => format!("http://{}{}", relay.address, target.path),
        None => target.base.clone(),
    };
    let folder = tempfile::Builder::new()
        .prefix("sillage-load-")
        .tempdir_in(
            acknowledged
                .parent()
                .filter(|p| p.is_dir())
                .unwrap_or(Path::new(".")),
        )?;
    let recorder = Recorder::new(Ids::create(acknowledged)?)?;
    let origin = Instant::now();
    let shared = Arc::new(Shared {
        origin,
        outage: plan
            .outage
            .map(|gone| (origin + gone.begins, origin + gone.ends)),
        recorder: Mutex::new(recorder),
    });
    let recorded = Rc::new(recording::sessions()?);
    let mut players = Vec::with_capacity(accounts.len());
    for (n, account) in accounts.iter().enumerate() {
        let begin = origin
            + plan
                .log_ins_within
                .mul_f64(n as f64 / accounts.len() as f64);
        let mut game = Game::new(&recorded, plan, n, accounts.len());
        let waiting = Arc::<Mutex<Waiting>>::default();
        let settings = settings(&base, account, plan, &folder, &shared, &waiting);
        let client = Client::start(settings)?;
        players.push(Player {
            session: (0, client.session().clone()),
            next: game.next_move(),
            client,
            game,
            begin,
            waiting,
        });
    }
    act(&mut players, plan, relay.as_ref(), &shared, progress)?;
    end(players, origin + plan.time + plan.patience, &shared);
    drop(relay);
    let seconds = origin.elapsed().as_secs_f64();
    let shared = Arc::into_inner(shared).ok_or("a client is still there")?;
    let mut recorder = shared
        .recorder
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner);
    recorder.close_second();
    if recorder.counts.acknowledged == 0 {
        return Err(format!("nothing was acknowledged: {}", recorder.messages.join("; ")).into());
    }
    super::told(accounts.len(), recorder, seconds)
}

fn settings(
    base: &str,
    account: &Account,
    plan: &Plan,
    folder: &TempDir,
    shared: &Arc<Shared>,
    waiting: &Arc<Mutex<Waiting>>,
) -> Settings {
    let (shared, waiting) = (Arc::clone(shared), Arc::clone(waiting));
    let faster = |time: Duration| time.div_f64(plan.speed.max(1.0));
    let send_every = if plan.pace == Pace::Fast {
        Duration::from_millis(1)
    } else {
        faster(SEND_EVERY)
    };
    Settings::new(base, Identity::player(&account.username, &account.password))
        .game(crate::USER_AGENT)
        .folder(folder.path())
        // Each player has a disk of his own in life. Here it is the server's too, which must not wait for thirty.
        .flush_to_disk(FlushToDisk::Never)
        .send_every(send_every)
        .retry(
            faster(Duration::from_millis(500)),
            faster(Duration::from_secs(30)),
        )
        // Whoever said that the server is theirs said so before.
        .allow_plain_http()
        .on_event(move |event| shared.told(event, &waiting))
}

/// Lets the actions happen, each at its moment, from this one thread: to record one takes no time.
fn act(
    players: &mut [Player],
    plan: &Plan,
    relay: Option<&Relay>,
    shared: &Shared,
    progress: &mut Talk<'_>,
) -> Result<()> {
    let end = shared.origin + plan.time;
    let mut due: BinaryHeap<_> = players
        .iter()
        .enumerate()
        .map(|(n, player)| Reverse((player.begin + player.next.at, n)))
        .collect();
    let mut second = shared.origin + Duration::from_secs(1);
    while Instant::now() < end {
        let now = Instant::now();
        if let (Some(relay), Some((begins, ends))) = (relay, shared.outage) {
            relay.cut((begins..ends).contains(&now));
        }
        while let Some(Reverse((at, n))) = due.peek().copied()
            && at <= now
        {
            due.pop();
            let player = &mut players[n];
            player.act(at, shared);
            due.push(Reverse((player.begin + player.next.at, n)));
        }
        if now >= second {
            second += Duration::from_secs(1);
            shared.tell(plan, players, progress)?;
        }
        let next = due.peek().map_or(end, |Reverse((at, _))| *at);
        let next = next.min(end).min(second);
        std::thread::sleep(
            next.saturating_duration_since(Instant::now())
                .min(Duration::from_millis(20)),
        );
    }
    Ok(())
}

impl Player {
    fn act(&mut self, at: Instant, shared: &Shared) {
        let next = self.game.next_move();
        let now = std::mem::replace(&mut self.next, next);
        if now.session != self.session.0 {
            self.session = (now.session, self.client.new_session(None));
        }
        let (action, payload) = self.game.content(&now);
        // Held over both, so that no answer comes between them.
        let mut waiting = lock(&self.waiting);
        let payload = serde_json::value::RawValue::from_string(payload.to_owned());
        let recorded = match payload {
            Ok(payload) => self
                .session
                .1
                .record(action.to_owned(), payload)
                .map_err(|e| e.to_string()),
            Err(error) => Err(error.to_string()),
        };
        match recorded {
            Ok(id) => {
                waiting
                    .entries
                    .push_back((at, Uuid::from_bytes(*id.as_bytes())));
                lock(&shared.recorder).counts.sent += 1;
            }
            Err(why) => lock(&shared.recorder).note(&why),
        }
    }
}

impl Shared {
    /// A client says something. This runs on one of its threads.
    fn told(&self, event: &Event, waiting: &Mutex<Waiting>) {
        let done = Instant::now();
        let now = done.saturating_duration_since(self.origin);
        let mut waiting = lock(waiting);
        let mut recorder = lock(&self.recorder);
        match event {
            Event::Sent {
                accepted,
                duplicates,
            } => {
                recorder.counts.requests += 1;
                recorder.answered(200);
                recorder.counts.duplicates += duplicates;
                let mut stored = Vec::new();
                while (stored.len() as u64) < accepted + duplicates {
                    let Some((at, id)) = waiting.entries.pop_front() else {
                        break;
                    };
                    if waiting.others.remove(&id) {
                        continue;
                    }
                    let disturbed = self
                        .outage
                        .is_some_and(|(begins, ends)| at < ends && done > begins);
                    recorder.took(now, done.saturating_duration_since(at), disturbed);
                    stored.push(id);
                }
                if !waiting.unsure {
                    recorder.acknowledged(now, stored.into_iter());
                }
            }
            Event::Quarantined { id, errors } => {
                recorder.counts.quarantined += 1;
                recorder.note(errors);
                waiting
                    .others
                    .extend(id.as_deref().and_then(|id| Uuid::try_parse(id).ok()));
            }
            Event::Refused {
                entry,
                answer,
                status,
                ..
            } => {
                recorder.counts.refused += 1;
                recorder.failed(now, *status, answer);
                waiting.others.extend(id_of(entry));
            }
            Event::Dropped { entries, why } => {
                recorder.counts.unanswered += entries;
                recorder.note(&format!("entries were dropped: {why}"));
                waiting.unsure = true;
            }
            Event::Offline { why, .. } => recorder.failed(now, 0, why),
            Event::LoggedOut { message, .. } => {
                recorder.failed_log_ins += 1;
                recorder.failed(now, 401, message);
            }
            Event::Paused { code, message, .. } => {
                recorder.failed(now, 403, &format!("{code}: {message}"))
            }
            _ => {}
        }
    }

    fn tell(&self, plan: &Plan, players: &[Player], progress: &mut Talk<'_>) -> Result<()> {
        let recorder = lock(&self.recorder);
        recorder.check()?;
        let now = Instant::now();
        progress(Progress {
            elapsed: self.origin.elapsed(),
            time: plan.time,
            playing: players.iter().filter(|player| player.begin <= now).count(),
            players: players.len(),
            acknowledged: recorder.counts.acknowledged,
            last: recorder.last_second(self.origin.elapsed()),
        });
        Ok(())
    }
}

/// Ends all clients, some at a time, each when it has sent everything or at that moment.
fn end(players: Vec<Player>, last: Instant, shared: &Shared) {
    let mut clients: Vec<_> = players
        .into_iter()
        .map(|player| (player.client, player.waiting))
        .collect();
    while !clients.is_empty() {
        let some = clients.split_off(clients.len().saturating_sub(ENDED_TOGETHER));
        std::thread::scope(|scope| {
            for (client, waiting) in some {
                scope.spawn(move || {
                    let left = last.saturating_duration_since(Instant::now());
                    client.flush(left);
                    let counts = client.counts();
                    let unsent = client.quit(Duration::ZERO);
                    let mut recorder = lock(&shared.recorder);
                    recorder.counts.retries += counts.retries;
                    recorder.counts.unsent += unsent;
                    drop(recorder);
                    drop(waiting);
                });
            }
        });
    }
}

fn id_of(entry: &str) -> Option<Uuid> {
    let entry: serde_json::Value = serde_json::from_str(entry).ok()?;
    Uuid::try_parse(entry["id"].as_str()?).ok()
}

/// A lock whose owner panicked holds numbers that are still numbers.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
