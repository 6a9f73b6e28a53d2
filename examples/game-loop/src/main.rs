//! A game loop as engines such as Bevy have it, without an engine: systems that read and change a world, and a fixed step of 1/60 s.
//!
//! `cargo run -p game-loop -- http://127.0.0.1:8080 classe-a-01 'the password on the card' FOLDER` plays some seconds by itself, with
//! a session for each level, and prints the longest time that a system spent on recording. In an engine, `Recorder` is a resource.

use serde::Serialize;
use sillage_client::{Account, Client, Event, Session, Settings};
use std::error::Error;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

/// The time that one step of the world stands for.
const STEP: Duration = Duration::from_nanos(1_000_000_000 / 60);
/// Steps of a level.
const LEVEL: u64 = 90;
const LEVELS: u64 = 3;

/// What systems record with.
struct Recorder {
    client: Client,
    /// Of the level that is played.
    session: Session,
    /// Comes from the client's threads; a system shows it.
    events: Receiver<Event>,
    longest: Duration,
}

/// A ball that bounces between two walls.
struct World {
    step: u64,
    level: u64,
    place: f32,
    speed: f32,
    bounced: bool,
}

#[derive(Serialize)]
struct Bounce {
    level: u64,
    step: u64,
    speed: f32,
}

type System = fn(&mut World, &mut Recorder);

/// In the order in which they run in each step.
const SYSTEMS: [System; 4] = [move_ball, record_bounce, next_level, show_events];

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [server, username, password, folder] = words.as_slice() else {
        return Err("game-loop SERVER USERNAME PASSWORD FOLDER".into());
    };
    let (tell, events) = channel();
    let settings = Settings::new(server, Account::player(username, password))
        .folder(folder)
        .game(concat!("game-loop/", env!("CARGO_PKG_VERSION")))
        // The receiver goes away with the game, and then nobody wants to know.
        .on_event(move |event| drop(tell.send(event.clone())));
    let client = Client::start(settings)?;
    let mut recorder = Recorder {
        session: client.new_session(None),
        client,
        events,
        longest: Duration::ZERO,
    };
    let mut world = World {
        step: 0,
        level: 1,
        place: 0.0,
        speed: 0.31,
        bounced: false,
    };
    run(&mut world, &mut recorder);
    let counts = recorder.client.counts();
    println!(
        "{} actions, the longest recording took {:?}",
        counts.recorded, recorder.longest
    );
    let left = recorder.client.quit(Duration::from_secs(10));
    println!("{left} wait for the next time");
    Ok(())
}

/// Steps follow the clock: after a slow frame, several are made up for.
fn run(world: &mut World, recorder: &mut Recorder) {
    let (mut before, mut owed) = (Instant::now(), Duration::ZERO);
    while world.level <= LEVELS {
        let now = Instant::now();
        owed += now - before;
        before = now;
        while owed >= STEP && world.level <= LEVELS {
            owed -= STEP;
            for system in SYSTEMS {
                system(world, recorder);
            }
        }
        // An engine draws here.
        std::thread::sleep(STEP.saturating_sub(owed));
    }
}

fn move_ball(world: &mut World, _: &mut Recorder) {
    world.step += 1;
    world.place += world.speed;
    world.bounced = !(0.0..=1.0).contains(&world.place);
    if world.bounced {
        world.place = world.place.clamp(0.0, 1.0);
        world.speed = -world.speed;
    }
}

fn record_bounce(world: &mut World, recorder: &mut Recorder) {
    if world.bounced {
        let bounce = Bounce {
            level: world.level,
            step: world.step,
            speed: world.speed,
        };
        recorder.record("bounce", bounce);
    }
}

fn next_level(world: &mut World, recorder: &mut Recorder) {
    if world.step.is_multiple_of(LEVEL) {
        recorder.record("level-end", ());
        world.level += 1;
        world.speed *= 1.25;
        recorder.session = recorder.client.new_session(None);
    }
}

/// A game shows them; this one prints them.
fn show_events(_: &mut World, recorder: &mut Recorder) {
    for event in recorder.events.try_iter() {
        println!("{event:?}");
    }
}

impl Recorder {
    fn record(&mut self, action: &'static str, payload: impl Serialize) {
        let begin = Instant::now();
        if let Err(error) = self.session.record(action, payload) {
            eprintln!("{action}: {error}");
        }
        self.longest = self.longest.max(begin.elapsed());
    }
}
