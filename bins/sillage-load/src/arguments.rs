//! What can be said on the command line.

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;
use std::time::Duration;

/// Plays classes against a server of Sillage, and says how it fared.
///
/// Only a server on this machine is loaded, unless --yes-this-is-my-server says that another one is yours.
#[derive(Parser)]
#[command(version)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: What,
}

#[derive(Subcommand)]
pub(crate) enum What {
    /// Plays a class, or posts in an open or a closed loop, and reports
    Run(Box<Run>),
    /// Reads back through the API that every acknowledged entry is stored once
    Verify(Verify),
    /// Measures single posts beside an endpoint that only parses, in turn, and prints the ratio
    Floor(Floor),
    /// Plays the protocol of the TSADK collector against two servers in turn
    Compare(Compare),
    /// The endpoint that only parses
    #[command(hide = true)]
    ServeFloor {
        /// Threads that take requests
        #[arg(long)]
        workers: usize,
    },
}

/// Which server, and as whom.
#[derive(Args)]
pub(crate) struct Server {
    /// Where the server is: `http://127.0.0.1:8080`, with its base path if it has one
    #[arg(value_name = "URL", required_unless_present = "start")]
    pub(crate) url: Option<String>,
    /// Start this program `sillage` for the run, on a loopback port and an empty database, and end it afterwards
    #[arg(long, value_name = "SILLAGE", conflicts_with = "url")]
    pub(crate) start: Option<PathBuf>,
    /// The database of the server that --start starts [default: SQLite in a temporary folder]
    #[arg(long, value_name = "URL", requires = "start")]
    pub(crate) database_url: Option<String>,
    /// Where the temporary folder is made, on a disk: in memory a flush costs nothing [default: here]
    #[arg(long, requires = "start")]
    pub(crate) folder: Option<PathBuf>,
    /// Load a server that is not on this machine
    #[arg(long)]
    pub(crate) yes_this_is_my_server: bool,
    /// A file with the access token of somebody who may make studies and accounts, or read the study
    #[arg(long, value_name = "FILE")]
    pub(crate) token_file: Option<PathBuf>,
    /// Log in as this user instead; the password is in the environment, SILLAGE_LOAD_PASSWORD
    #[arg(long, value_name = "NAME", conflicts_with = "token_file")]
    pub(crate) user: Option<String>,
    /// The study. Without --participants it is made if it is not there [default: a new one]
    #[arg(long, value_name = "SLUG")]
    pub(crate) study: Option<String>,
    /// A file of participants of the study, CSV with the columns username and password, as `sillage participants generate` writes it
    #[arg(long, value_name = "FILE")]
    pub(crate) participants: Option<PathBuf>,
}

#[derive(Args)]
pub(crate) struct Run {
    #[command(flatten)]
    pub(crate) server: Server,
    /// How many play, each on a connection of his own: 30 are a class, 300 a school, 3000 all schools of a town
    #[arg(long, default_value_t = 30)]
    pub(crate) players: usize,
    /// What they play
    #[arg(long, value_enum, default_value_t = Game::Recorded)]
    pub(crate) game: Game,
    /// What they send with: the client that games are given, or bare connections, which cost less
    #[arg(long, value_enum, default_value_t = Through::Client)]
    pub(crate) through: Through,
    /// Open loop: so many entries a second of all together, each at its own moment, whatever became of the others
    #[arg(long, value_name = "PER_SECOND", conflicts_with_all = ["closed", "game", "through", "wifi_drop"])]
    pub(crate) rate: Option<f64>,
    /// Closed loop: each sends the next entry when the last one was answered
    #[arg(long, conflicts_with_all = ["game", "through", "wifi_drop"])]
    pub(crate) closed: bool,
    /// How long is played: 90s, 10m, at most 4h
    #[arg(long, default_value = "60s", value_parser = time)]
    pub(crate) time: Duration,
    /// How many times faster than life: times to think, log-ins and the drop of the Wi-Fi become shorter
    #[arg(long, default_value_t = 1.0)]
    pub(crate) speed: f64,
    /// All log in within this time (divided by the speed)
    #[arg(long, default_value = "10s", value_parser = time)]
    pub(crate) log_ins_within: Duration,
    /// The Wi-Fi is gone for so long (divided by the speed) after a third of the run, and comes back
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub(crate) wifi_drop: Option<Duration>,
    /// How long what waits at the end may still take
    #[arg(long, default_value = "60s", value_parser = time)]
    pub(crate) patience: Duration,
    /// Where the ids of all acknowledged entries are written
    #[arg(long, value_name = "FILE", default_value = "acknowledged.ids")]
    pub(crate) acknowledged: PathBuf,
    /// Read everything back afterwards, as `verify` does
    #[arg(long)]
    pub(crate) verify: bool,
    /// Measure single posts beside an endpoint that only parses afterwards, as `floor` does, on as many connections
    #[arg(long, value_name = "CONNECTIONS")]
    pub(crate) floor: Option<usize>,
    /// Print the report as JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// Write the report as JSON there too
    #[arg(long, value_name = "FILE")]
    pub(crate) report: Option<PathBuf>,
    /// Write the report as a page of HTML there too
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<PathBuf>,
    /// Show no progress on the standard error
    #[arg(long)]
    pub(crate) quiet: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Game {
    /// What the players of a real class did, when they did it; sent in batches
    Recorded,
    /// Five actions a second each, each sent at once
    Fast,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Through {
    /// `sillage-client`, with a queue on the disk for each player
    Client,
    /// A connection for each player; tells log-ins apart
    Connections,
}

#[derive(Args)]
pub(crate) struct Verify {
    #[command(flatten)]
    pub(crate) server: Server,
    /// The file of ids that `run` wrote
    #[arg(long, value_name = "FILE", default_value = "acknowledged.ids")]
    pub(crate) acknowledged: PathBuf,
    /// Print what was found as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args)]
pub(crate) struct Floor {
    #[command(flatten)]
    pub(crate) server: Server,
    /// Connections, each of a player of his own
    #[arg(long, default_value_t = 64)]
    pub(crate) connections: usize,
    /// How often both are measured
    #[arg(long, default_value_t = 5)]
    pub(crate) rounds: usize,
    /// How long each is measured in a round, at most a minute
    #[arg(long, default_value = "3s", value_parser = time)]
    pub(crate) time: Duration,
    /// Print what was found as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args)]
pub(crate) struct Compare {
    /// The first server, with what stands before `/v1`
    pub(crate) first: String,
    /// The second server
    pub(crate) second: String,
    /// Players of the first: CSV with the columns username, password and number
    #[arg(long, value_name = "FILE")]
    pub(crate) players: PathBuf,
    /// Players of the second [default: the same]
    #[arg(long, value_name = "FILE")]
    pub(crate) second_players: Option<PathBuf>,
    /// Connections, each of a player of his own
    #[arg(long, default_value_t = 8)]
    pub(crate) connections: usize,
    /// How often each is measured, in turn
    #[arg(long, default_value_t = 3)]
    pub(crate) rounds: usize,
    /// How long each is measured in a round, at most a minute
    #[arg(long, default_value = "5s", value_parser = time)]
    pub(crate) time: Duration,
    /// Load servers that are not on this machine
    #[arg(long)]
    pub(crate) yes_this_is_my_server: bool,
    /// Print what was found as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// `90s`, `10m`, `1h`, `250ms`; a number alone is seconds.
fn time(text: &str) -> Result<Duration, String> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let factor = match &text[digits.len()..] {
        "ms" => 0.001,
        "" | "s" => 1.0,
        "m" => 60.0,
        "h" => 3600.0,
        _ => return Err("a time is a number with ms, s, m or h: 90s".to_owned()),
    };
    let number: f64 = digits
        .parse()
        .map_err(|_| "a time is a number with ms, s, m or h: 90s")?;
    Duration::try_from_secs_f64(number * factor).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_arguments_are_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn times_have_units() {
        assert_eq!(time("90s"), Ok(Duration::from_secs(90)));
        assert_eq!(time("10m"), Ok(Duration::from_secs(600)));
        assert_eq!(time("250ms"), Ok(Duration::from_millis(250)));
        assert_eq!(time("1.5"), Ok(Duration::from_millis(1500)));
        for wrong in ["", "s", "10d", "-1s", "1e400", "NaN"] {
            assert!(time(wrong).is_err(), "{wrong}");
        }
    }
}
