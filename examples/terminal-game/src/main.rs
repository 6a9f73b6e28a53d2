//! A small game in a terminal, whose actions go to Sillage: find the treasure in a castle of three by three rooms.
//!
//! `cargo run -p terminal-game -- http://127.0.0.1:8080 classe-a-01 'the password on the card'` plays it; `--folder` says where
//! actions wait that could not be sent. Without a server it is played as well.

mod castle;

use castle::{Castle, Move};
use sillage_client::{Account, Client, Event, Settings};
use std::error::Error;
use std::io::{self, BufRead, Write};
use std::path::PathBuf;
use std::time::Duration;

/// What an entry says of a move.
#[derive(serde::Serialize)]
struct Step<'a> {
    typed: &'a str,
    from: (usize, usize),
    to: (usize, usize),
    bumped: bool,
}

/// What an entry says of words that are no move.
#[derive(serde::Serialize)]
struct Unknown<'a> {
    typed: &'a str,
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut words = std::env::args().skip(1);
    let (Some(server), Some(username), Some(password)) = (words.next(), words.next(), words.next())
    else {
        return Err("terminal-game SERVER USERNAME PASSWORD [FOLDER]".into());
    };
    let folder = words
        .next()
        .map_or_else(|| std::env::temp_dir().join("terminal-game"), PathBuf::from);
    let settings = Settings::new(server, Account::player(username, password))
        .folder(folder)
        .game(concat!("terminal-game/", env!("CARGO_PKG_VERSION")))
        .on_event(show);
    // While the game loads: this reads what an earlier game could not send.
    let client = Client::start(settings)?;
    play(&client, io::stdin().lock())?;
    println!("Sending your traces ...");
    match client.quit(Duration::from_secs(10)) {
        0 => println!("All of them arrived."),
        left => println!("{left} wait on this machine until you play again."),
    }
    Ok(())
}

/// What the player is told of the client; it comes from another thread.
fn show(event: &Event) {
    match event {
        Event::LoggedOut { message, .. } => {
            eprintln!("(You are not logged in: {message}. Your traces wait.)");
        }
        Event::Paused { message, .. } => eprintln!("(Nothing is recorded now: {message})"),
        Event::Dropped { entries, why } => eprintln!("({entries} actions are lost: {why})"),
        Event::Refused { entry, answer, .. } => {
            eprintln!("(A mistake in this game: {answer} {entry})")
        }
        // A game that is offline needs no words: nothing is lost.
        _ => {}
    }
}

/// Reads commands until the treasure is found or there are no more.
fn play(client: &Client, commands: impl BufRead) -> Result<(), Box<dyn Error>> {
    let mut castle = Castle::new();
    // `record` gives the id of the entry, or says why there is none; the game goes on either way.
    let _ = client.record("enter", ());
    println!("You are in a castle. Type north, south, east, west, or quit.");
    for typed in commands.lines() {
        let typed = typed?;
        let Some(direction) = Move::read(&typed) else {
            let _ = client.record("not-understood", Unknown { typed: &typed });
            println!("north, south, east, west, or quit?");
            continue;
        };
        if direction == Move::Quit {
            let _ = client.record("leave", ());
            break;
        }
        let from = castle.place();
        let bumped = !castle.go(direction);
        let to = castle.place();
        let step = Step {
            typed: &typed,
            from,
            to,
            bumped,
        };
        let _ = client.record("step", step);
        println!("{}", if bumped { "A wall." } else { castle.view() });
        if castle.is_won() {
            let _ = client.record("win", ());
            break;
        }
        io::stdout().flush()?;
    }
    Ok(())
}
