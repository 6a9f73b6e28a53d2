//! A class at play, simulated on one thread: each player is a task with a connection of its own.

mod batch;
mod clients;
mod game;
mod plan;
mod player;
mod recorder;

use crate::Result;
use crate::address::Target;
use crate::api::Account;
use crate::ids::Ids;
use crate::latency::Latency;
use crate::recording;
use player::{Field, Player};
use recorder::Recorder;
use serde::Serialize;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::path::Path;
use std::rc::Rc;
use std::time::Duration;
use tokio::task::{JoinSet, LocalSet};
use tokio::time::Instant;

pub use plan::{FAST, HIGHEST_RATE, LONGEST, MOST_PLAYERS, Outage, Pace, Plan, Through};
pub use recorder::{Counts, Second};

/// What happened.
#[derive(Debug, Clone, Serialize)]
pub struct Played {
    /// Players that there were.
    pub players: usize,
    /// Log-ins that did not work.
    pub failed_log_ins: u64,
    /// From the moment at which a log-in was due to its token, repeated tries included. None are told apart through the client.
    pub log_ins: Latency,
    /// From the moment at which entries were due to their acknowledgement; in the closed loop from their sending; through the client from
    /// the action, so that the time in which it gathers a batch counts.
    pub posts: Latency,
    /// The same of entries that were due or under way while the Wi-Fi was gone.
    pub caught_up: Option<Latency>,
    /// Entries and requests, counted.
    pub counts: Counts,
    /// Entries acknowledged a second.
    pub rate: f64,
    /// From the beginning to the last answer, in seconds.
    pub seconds: f64,
    /// How often each status was answered; 0 stands for no answer.
    pub statuses: BTreeMap<u16, u64>,
    /// The first few different failures, in words.
    pub messages: Vec<String>,
    /// What happened in each second.
    pub timeline: Vec<Second>,
}

/// How far it is.
#[derive(Debug, Clone, Copy)]
pub struct Progress {
    /// Since the beginning.
    pub elapsed: Duration,
    /// How long is played.
    pub time: Duration,
    /// Players that are logged in.
    pub playing: usize,
    /// Players that there are.
    pub players: usize,
    /// Entries that were acknowledged.
    pub acknowledged: u64,
    /// What happened in the last whole second.
    pub last: Second,
}

/// Is told once a second how far it is.
type Talk<'a> = dyn FnMut(Progress) + 'a;

/// Plays, and writes the ids of what was acknowledged to a file. `progress` is told once a second.
///
/// # Errors
///
/// The plan goes beyond its bounds, the file can't be written, or nobody could log in.
pub fn play(
    target: &Target,
    accounts: &[Account],
    plan: &Plan,
    acknowledged: &Path,
    mut progress: impl FnMut(Progress),
) -> Result<Played> {
    plan.check(accounts.len())?;
    if plan.through == Through::Client {
        return clients::play(target, accounts, plan, acknowledged, &mut progress);
    }
    let field = Rc::new(Field {
        target: target.clone(),
        plan: plan.clone(),
        players: accounts.len(),
        recorded: Rc::new(recording::sessions()?),
        recorder: RefCell::new(Recorder::new(Ids::create(acknowledged)?)?),
        origin: Cell::new(Instant::now()),
        calendar: Cell::new(0),
        run: format!("{:08x}", uuid::Uuid::new_v4().as_fields().0),
        playing: Cell::new(0),
    });
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let seconds = runtime.block_on(LocalSet::new().run_until(async {
        begin(&field);
        let players = accounts.iter().enumerate();
        let players = players.map(|(n, account)| Player::new(n, account, &field));
        let mut tasks = JoinSet::new();
        if plan.pace.is_game() {
            for (n, mut player) in players.enumerate() {
                let at = log_in_at(&field, n);
                tasks.spawn_local(async move {
                    if player.log_in(at).await {
                        player.play(at).await;
                    }
                });
            }
        } else {
            let ready = log_in(&field, players, &mut progress).await?;
            begin(&field);
            for mut player in ready {
                let at = field.origin.get();
                tasks.spawn_local(async move { player.play(at).await });
            }
        }
        watch(&field, &mut tasks, &mut progress).await?;
        let elapsed = field.origin.get().elapsed();
        field.recorder.borrow_mut().close_second();
        Ok::<_, crate::Failure>(elapsed.as_secs_f64())
    }))?;
    drop(runtime);
    let field = Rc::into_inner(field).ok_or("a player is still there")?;
    let recorder = field.recorder.into_inner();
    if field.playing.get() == 0 {
        return Err(format!("nobody could log in: {}", recorder.messages.join("; ")).into());
    }
    told(field.players, recorder, seconds)
}

fn begin(field: &Field) {
    field.origin.set(Instant::now());
    field
        .calendar
        .set(sillage_domain::Timestamp::now().micros());
}

fn log_in_at(field: &Field, n: usize) -> Instant {
    let place = n as f64 / field.players as f64;
    field.origin.get() + field.plan.log_ins_within.mul_f64(place)
}

/// Logs all in before anybody plays, and gives those who are.
async fn log_in(
    field: &Rc<Field>,
    players: impl Iterator<Item = Player>,
    progress: &mut impl FnMut(Progress),
) -> Result<Vec<Player>> {
    let mut tasks = JoinSet::new();
    let ready = Rc::new(RefCell::new(Vec::new()));
    for (n, mut player) in players.enumerate() {
        let at = log_in_at(field, n);
        let ready = Rc::clone(&ready);
        tasks.spawn_local(async move {
            if player.log_in(at).await {
                ready.borrow_mut().push(player);
            }
        });
    }
    watch(field, &mut tasks, progress).await?;
    let mut recorder = field.recorder.borrow_mut();
    recorder.seconds.clear();
    Ok(ready.take())
}

/// Waits until all tasks have ended, and tells how far they are.
async fn watch(
    field: &Rc<Field>,
    tasks: &mut JoinSet<()>,
    progress: &mut impl FnMut(Progress),
) -> Result<()> {
    let mut next = Instant::now() + Duration::from_secs(1);
    loop {
        match tokio::time::timeout_at(next, tasks.join_next()).await {
            Ok(None) => return Ok(()),
            Ok(Some(ended)) => ended?,
            Err(_) => {
                next += Duration::from_secs(1);
                let recorder = field.recorder.borrow();
                recorder.check()?;
                progress(Progress {
                    elapsed: field.origin.get().elapsed(),
                    time: field.plan.time,
                    playing: field.playing.get(),
                    players: field.players,
                    acknowledged: recorder.counts.acknowledged,
                    last: recorder.last_second(field.origin.get().elapsed()),
                });
            }
        }
    }
}

fn told(players: usize, recorder: Recorder, seconds: f64) -> Result<Played> {
    let caught_up = recorder.caught_up.latency();
    let played = Played {
        players,
        failed_log_ins: recorder.failed_log_ins,
        log_ins: recorder.log_ins.latency(),
        posts: recorder.posts.latency(),
        caught_up: (caught_up.count > 0).then_some(caught_up),
        counts: recorder.counts,
        rate: recorder.counts.acknowledged as f64 / seconds.max(1e-9),
        seconds,
        statuses: recorder.statuses.clone(),
        messages: recorder.messages.clone(),
        timeline: recorder.seconds.clone(),
    };
    recorder.finish()?;
    Ok(played)
}
