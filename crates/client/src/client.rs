//! The face of the client.

use crate::address::StartError;
use crate::counts::{Counts, add};
use crate::courier::{Courier, PARTING};
use crate::entry::Item;
use crate::event::Event;
use crate::id::EntryId;
use crate::keeper::Keeper;
use crate::queue::{Queue, make_folder};
use crate::random::Random;
use crate::settings::Settings;
use crate::shared::{Connection, Shared, Signals};
use crate::time;
use serde::Serialize;
use serde::de::IgnoredAny;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// The threads of a client need little.
const STACK: usize = 512 << 10;

/// Records actions for one account. It has two threads: one writes to the folder, one sends.
///
/// When it goes away, what waits is in the folder, for the next run; [`Client::quit`] sends it first.
pub struct Client {
    session: Session,
    keeper: Option<JoinHandle<()>>,
}

/// A play session: it has a name, and counts its entries. Clones are the same session.
#[derive(Clone)]
pub struct Session {
    shared: Arc<Shared>,
    items: SyncSender<Item>,
    name: Arc<str>,
    next: Arc<AtomicU64>,
    participant: Option<Arc<str>>,
}

/// An entry was not recorded. All but the first are counted and told as well.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NotRecorded {
    /// The payload can't be written as JSON, or the text is no JSON object: a mistake in the game.
    #[error("it can't be written as JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// More was recorded at once than can be handed over. It is counted as dropped.
    #[error("too many at once")]
    Full,
    /// The client was ended.
    #[error("the client was ended")]
    Ended,
}

impl Client {
    /// Starts it. This reads what earlier runs left in the folder: do it while the game loads.
    ///
    /// # Errors
    ///
    /// The address, the folder, or the operating system; never the network, which is not touched before there is something to send.
    pub fn start(settings: Settings) -> Result<Self, StartError> {
        settings.check()?;
        let random =
            Random::new().map_err(|error| StartError::System(std::io::Error::other(error)))?;
        let folder = settings.folder.as_ref();
        let account = folder.map(|folder| settings.account_folder(folder));
        let mut found = Default::default();
        let (queue, appender) = match &account {
            None => (Queue::in_memory(settings.limits), None),
            Some(path) => {
                let failed = |source| StartError::Folder {
                    path: path.clone(),
                    source,
                };
                make_folder(path).map_err(failed)?;
                let (queue, appender, left) = Queue::open(path, settings.limits).map_err(failed)?;
                found = left;
                (queue, Some(appender))
            }
        };
        let aside = account.map(|path| path.join("refused.ndjson"));
        let (items, to_keep) = sync_channel(settings.hand_over);
        let shared = Arc::new(Shared::new(settings, queue, random, aside));
        if found.entries > 0 {
            shared.tell(&Event::Found {
                entries: found.entries,
            });
        }
        if found.damaged > 0 {
            add(&shared.counters.damaged, found.damaged);
            shared.tell(&Event::Damaged {
                lines: found.damaged,
            });
        }
        let thread = |name: &str| {
            thread::Builder::new()
                .name(name.to_owned())
                .stack_size(STACK)
        };
        let keeper = Keeper::new(to_keep, Arc::clone(&shared), appender);
        let keeper = thread("sillage-keeper").spawn(move || keeper.run());
        let keeper = keeper.map_err(StartError::System)?;
        let courier = Courier::new(Arc::clone(&shared));
        let courier = thread("sillage-courier").spawn(move || courier.run());
        let name = EntryId::new(time::now(), &shared.random).to_string();
        let session = Session {
            shared,
            items,
            name: name.into(),
            next: Arc::default(),
            participant: None,
        };
        let client = Self {
            session,
            keeper: Some(keeper),
        };
        // Without its second thread, the first is ended with the client.
        courier.map_err(StartError::System)?;
        Ok(client)
    }

    /// The session that began when the client was started. Its name is a UUID.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// Another session, of that name or of a new one. Its entries are counted from 0.
    pub fn new_session(&self, name: Option<&str>) -> Session {
        let name = name.map_or_else(
            || EntryId::new(time::now(), &self.session.shared.random).to_string(),
            str::to_owned,
        );
        Session {
            name: name.into(),
            next: Arc::default(),
            ..self.session.clone()
        }
    }

    /// Records an action of the session that began with the client: [`Session::record`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn record(
        &self,
        action: impl Into<Cow<'static, str>>,
        payload: impl Serialize,
    ) -> Result<EntryId, NotRecorded> {
        self.session.record(action, payload)
    }

    /// Takes an entry that somebody else made, as the API has it: a JSON object, best with an id, without which a second sending makes a
    /// second entry. It is checked to be an object and nothing else.
    ///
    /// # Errors
    ///
    /// [`NotRecorded`]
    pub fn forward(&self, entry: impl Into<Vec<u8>>) -> Result<(), NotRecorded> {
        let mut entry = entry.into();
        serde_json::from_slice::<BTreeMap<Cow<'_, str>, IgnoredAny>>(&entry)?;
        // A line feed in JSON is only ever between things.
        for byte in &mut entry {
            if matches!(byte, b'\n' | b'\r') {
                *byte = b' ';
            }
        }
        let blank = entry.len() - entry.trim_ascii_start().len();
        entry.drain(..blank);
        self.session.hand_over(Item::Whole(entry))
    }

    /// What became of entries so far.
    pub fn counts(&self) -> Counts {
        let shared = &self.session.shared;
        shared.counters.read(shared.queue.waiting())
    }

    /// How it stands with the server.
    pub fn connection(&self) -> Connection {
        self.session.shared.signals().connection
    }

    /// Sends everything, now, and waits for it, for that time at most. Gives how many entries still wait: 0 is all. A try that waits for
    /// its turn after a failure is made at once, unless the server asked for the wait. Where the server takes nothing of this account now,
    /// it is not waited for longer.
    pub fn flush(&self, at_most: Duration) -> u64 {
        let shared = &self.session.shared;
        let end = Instant::now() + at_most;
        shared.signal(|signals| {
            signals.flushing += 1;
            signals.nudged = true;
            signals.hopeless = false;
        });
        self.wake_keeper();
        let over = |signals: &Signals| signals.gone || signals.hopeless || shared.waiting() == 0;
        shared.wait_until(end, over);
        shared.signal(|signals| signals.flushing -= 1);
        shared.waiting()
    }

    /// Sends everything, waits for it for that time at most, and ends. Gives how many entries wait for the next run.
    pub fn quit(mut self, at_most: Duration) -> u64 {
        let end = Instant::now() + at_most;
        self.flush(at_most);
        self.end(end.max(Instant::now() + PARTING));
        self.session.shared.waiting()
    }

    /// Throws away all that waits, and what was set aside: for a player who refuses consent. What is under way may have arrived.
    pub fn discard(&self) {
        self.session.shared.signal(|signals| signals.discard = true);
        self.wake_keeper();
    }

    fn wake_keeper(&self) {
        if let Some(keeper) = &self.keeper {
            keeper.thread().unpark();
        }
    }

    fn end(&mut self, until: Instant) {
        let shared = &self.session.shared;
        shared.ending.store(true, Ordering::SeqCst);
        if let Some(keeper) = self.keeper.take() {
            keeper.thread().unpark();
            // If it panicked, that was told when it did.
            let _ = keeper.join();
        }
        shared.signal(|signals| signals.end = true);
        shared.wait_until(until, |signals| signals.gone);
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        if self.keeper.is_some() {
            self.end(Instant::now() + PARTING);
        }
    }
}

impl Session {
    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The same session, whose entries are that participant's, by the username: for a game's server, with
    /// [`crate::Account::Client`]. All that are made so count together.
    #[must_use]
    pub fn of_participant(&self, username: &str) -> Self {
        Self {
            participant: Some(username.into()),
            ..self.clone()
        }
    }

    /// Records an action that happens now. It takes a fraction of a microsecond, and never waits: neither for a lock, nor the disk, nor the
    /// network. `()` is no payload; whatever serialises to a JSON object is one.
    ///
    /// The number in the session is counted for entries that are dropped as well: the gap shows that something was lost.
    ///
    /// # Errors
    ///
    /// [`NotRecorded`]. A game may ignore them: what is dropped is counted and told.
    pub fn record(
        &self,
        action: impl Into<Cow<'static, str>>,
        payload: impl Serialize,
    ) -> Result<EntryId, NotRecorded> {
        let payload = serde_json::to_vec(&payload)?;
        let at = time::now();
        let id = EntryId::new(at, &self.shared.random);
        self.hand_over(Item::Action {
            id,
            at,
            session: Arc::clone(&self.name),
            sequence: self.next.fetch_add(1, Ordering::Relaxed),
            participant: self.participant.clone(),
            action: action.into(),
            payload: (payload != b"null").then_some(payload),
        })?;
        Ok(id)
    }

    fn hand_over(&self, item: Item) -> Result<(), NotRecorded> {
        let counters = &self.shared.counters;
        if self.shared.ending.load(Ordering::Relaxed) {
            return Err(NotRecorded::Ended);
        }
        // Before it is sent: what is on its way counts as waiting.
        counters.recorded.fetch_add(1, Ordering::SeqCst);
        let Err(refused) = self.items.try_send(item) else {
            return Ok(());
        };
        counters.recorded.fetch_sub(1, Ordering::SeqCst);
        match refused {
            TrySendError::Full(_) => {
                counters.untold.fetch_add(1, Ordering::SeqCst);
                Err(NotRecorded::Full)
            }
            TrySendError::Disconnected(_) => Err(NotRecorded::Ended),
        }
    }
}
