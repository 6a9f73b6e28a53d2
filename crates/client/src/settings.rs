//! Where entries go, as whom, and how.

use crate::event::{Event, say};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// What a client is started with. The defaults are made for a game on a player's device.
#[derive(Clone)]
pub struct Settings {
    pub(crate) base: String,
    pub(crate) account: Account,
    pub(crate) folder: Option<PathBuf>,
    pub(crate) user_agent: String,
    pub(crate) plain_http: bool,
    pub(crate) batch_entries: usize,
    pub(crate) batch_bytes: usize,
    pub(crate) send_every: Duration,
    pub(crate) write_every: Duration,
    pub(crate) flush_to_disk: FlushToDisk,
    pub(crate) hand_over: usize,
    pub(crate) limits: Limits,
    pub(crate) timeout: Duration,
    pub(crate) first_wait: Duration,
    pub(crate) longest_wait: Duration,
    pub(crate) on_event: Handler,
}

pub(crate) type Handler = Arc<dyn Fn(&Event) + Send + Sync>;

/// How much may wait.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    pub(crate) disk_bytes: u64,
    pub(crate) memory_bytes: u64,
    pub(crate) segment_bytes: u64,
}

/// Who records.
#[derive(Clone)]
#[non_exhaustive]
pub enum Account {
    /// A player, by the username and password on the card. The entries are this player's.
    Password {
        /// The username.
        username: String,
        /// The password. It stays in memory and is never written to the disk.
        password: String,
        /// The registered client that the game is; `sillage` is there on every server.
        client_id: String,
    },
    /// A game's server, for its players: entries name them (see [`crate::Session::of_participant`]).
    Client {
        /// The registered client.
        client_id: String,
        /// Its secret.
        client_secret: String,
    },
}

/// When what was written is flushed to the disk, so that a power cut doesn't take it. A crash of the game alone takes nothing that was
/// written, flushed or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum FlushToDisk {
    /// After each write.
    Always,
    /// At most so often; what is younger may be lost to a power cut.
    Every(Duration),
    /// When a segment of the queue is full, when the client is ended, and as the operating system likes.
    Never,
}

impl Account {
    /// A player, through the public client `sillage`.
    pub fn player(username: impl Into<String>, password: impl Into<String>) -> Self {
        Self::Password {
            username: username.into(),
            password: password.into(),
            client_id: "sillage".to_owned(),
        }
    }

    /// Tells accounts apart.
    fn name(&self) -> [&str; 2] {
        match self {
            Self::Password {
                username,
                client_id,
                ..
            } => [client_id, username],
            Self::Client { client_id, .. } => [client_id, ""],
        }
    }
}

/// Without the password or secret.
impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [client_id, username] = self.name();
        f.debug_struct("Account")
            .field("client_id", &client_id)
            .field("username", &username)
            .field("secret", &"***")
            .finish()
    }
}

impl Settings {
    /// For the server at `base` (what stands before `/v1`), as that account. Entries wait in memory until [`Settings::folder`] is given.
    pub fn new(base: impl Into<String>, account: Account) -> Self {
        let base = base.into();
        Self {
            base: base.trim_end_matches('/').to_owned(),
            account,
            folder: None,
            user_agent: concat!("sillage-client/", env!("CARGO_PKG_VERSION")).to_owned(),
            plain_http: false,
            batch_entries: 100,
            batch_bytes: 256 << 10,
            send_every: Duration::from_secs(2),
            write_every: Duration::from_millis(50),
            flush_to_disk: FlushToDisk::Every(Duration::from_secs(1)),
            hand_over: 8192,
            limits: Limits {
                disk_bytes: 64 << 20,
                memory_bytes: 4 << 20,
                segment_bytes: 1 << 20,
            },
            timeout: Duration::from_secs(30),
            first_wait: Duration::from_millis(500),
            longest_wait: Duration::from_secs(120),
            on_event: Arc::new(say),
        }
    }

    /// Keeps entries in that folder until the server has them, so that neither a crash nor a lost network takes them. It may be one for
    /// all players and all copies of the game on a device: each account has a folder of its own in it, and each running game a lane.
    #[must_use]
    pub fn folder(mut self, folder: impl Into<PathBuf>) -> Self {
        self.folder = Some(folder.into());
        self
    }

    /// Says which game sends, and in which version: `castle/1.4`. Printable ASCII.
    #[must_use]
    pub fn game(mut self, name_and_version: &str) -> Self {
        let version = env!("CARGO_PKG_VERSION");
        self.user_agent = format!("{name_and_version} sillage-client/{version}");
        self
    }

    /// Allows `http://` to another machine. Passwords and traces then go through the network for everybody to read: only for a network
    /// that nobody else is in.
    #[must_use]
    pub fn allow_plain_http(mut self) -> Self {
        self.plain_http = true;
        self
    }

    /// Sends as soon as so many entries wait; a request has no more, and no more bytes unless one entry alone has. Default 100 and 256 KiB;
    /// the server takes 1000 and 1 MiB.
    #[must_use]
    pub fn batch(mut self, entries: usize, bytes: usize) -> Self {
        self.batch_entries = entries.clamp(1, 1000);
        self.batch_bytes = bytes.clamp(1024, 1 << 20);
        self
    }

    /// Sends what waits after that time at the latest. Default 2 s.
    #[must_use]
    pub fn send_every(mut self, interval: Duration) -> Self {
        self.send_every = interval;
        self
    }

    /// How often what was recorded is written to the folder: the most that a crash of the game takes. Default 50 ms.
    #[must_use]
    pub fn write_every(mut self, interval: Duration) -> Self {
        self.write_every = interval.max(Duration::from_millis(1));
        self
    }

    /// When what was written is flushed to the disk. Default every second.
    #[must_use]
    pub fn flush_to_disk(mut self, when: FlushToDisk) -> Self {
        self.flush_to_disk = when;
        self
    }

    /// How many entries may be recorded between two writes. Default 8192; what comes beyond is dropped, and told.
    #[must_use]
    pub fn hand_over(mut self, entries: usize) -> Self {
        self.hand_over = entries.max(1);
        self
    }

    /// How many bytes may wait in the folder, and in memory where the folder takes none. Default 64 MiB and 4 MiB. What comes beyond is
    /// dropped, and told; what waits already is kept.
    #[must_use]
    pub fn at_most(mut self, on_disk: u64, in_memory: u64) -> Self {
        self.limits.disk_bytes = on_disk;
        self.limits.memory_bytes = in_memory;
        self.limits.segment_bytes = (on_disk / 8).clamp(4096, 1 << 20);
        self
    }

    /// How long a request may take. Default 30 s.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// How long to wait after a first failure, and at most; each wait is twice the last, with jitter. A server that says `Retry-After` is
    /// waited for as long as it says. Default 500 ms and 2 minutes.
    #[must_use]
    pub fn retry(mut self, first: Duration, longest: Duration) -> Self {
        self.first_wait = first.max(Duration::from_millis(1));
        self.longest_wait = longest.max(self.first_wait);
        self
    }

    /// Is called, on a thread of the client, with all that a game may want to know or show. By default, whatever means that entries were
    /// dropped, refused or damaged, or that nobody can log in, goes to the standard error output.
    #[must_use]
    pub fn on_event(mut self, handler: impl Fn(&Event) + Send + Sync + 'static) -> Self {
        self.on_event = Arc::new(handler);
        self
    }

    /// The folder of this account on this server: what one player left is never sent as another's.
    pub(crate) fn account_folder(&self, folder: &Path) -> PathBuf {
        let [client_id, username] = self.account.name();
        // FNV-1a, whose result is the same in every version.
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        for part in [&self.base, client_id, &username.to_lowercase()] {
            for byte in part.bytes().chain([0]) {
                hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
            }
        }
        folder.join(format!("{hash:016x}"))
    }
}

/// Without what is secret.
impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("base", &self.base)
            .field("account", &self.account)
            .field("folder", &self.folder)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(base: &str) -> Settings {
        Settings::new(base, Account::player("Pupil-1", "a secret"))
    }

    #[test]
    fn each_account_on_each_server_has_a_folder_that_does_not_show_its_name() {
        let of = |base: &str, name: &str| {
            let settings = Settings::new(base, Account::player(name, "x"));
            settings.account_folder(Path::new("queue"))
        };
        let first = of("https://a.example", "pupil-1");
        assert_eq!(first, of("https://a.example/", "Pupil-1"));
        assert_ne!(first, of("https://a.example", "pupil-2"));
        assert_ne!(first, of("https://b.example", "pupil-1"));
        assert!(!first.to_string_lossy().contains("pupil"));
    }

    #[test]
    fn debug_shows_no_secret() {
        let shown = format!("{:?}", settings("http://localhost"));
        assert!(
            shown.contains("Pupil-1") && !shown.contains("a secret"),
            "{shown}"
        );
    }
}
