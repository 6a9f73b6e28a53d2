//! The thread that writes the audit log: what waits is written in one commit, so that requests do not wait for each other.

use super::throttle::{Same, Throttle};
use sillage_domain::{
    AccountId, AccountStore, AuditAction, AuditChain, AuditEvent, AuditKeys, AuditOutcome,
    AuditRole, AuditTrail, AuditWitness, Ports, StoreError, StudyId, StudyStore, Timestamp,
};
use std::collections::VecDeque;
use std::io;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// How many may wait to be written.
const WAITING: usize = 4096;
/// How many are written in one commit.
const AT_ONCE: usize = 500;
/// How many are kept that could not be written.
const KEPT: usize = 10_000;
/// How often it is said how far the chains have come.
const CHECKPOINT: Duration = Duration::from_secs(60);
/// How long after a failure the next try is made.
const AGAIN: Duration = Duration::from_secs(1);

/// An event, with what is looked up for it.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    pub(crate) event: AuditEvent,
    /// Whose account it is about.
    pub(crate) account: Option<AccountId>,
    /// In which study it was.
    pub(crate) study: Option<StudyId>,
    /// Whether it was done whatever becomes of the record, which is tried again then.
    pub(crate) was_done: bool,
}

enum Message {
    Record(Box<Draft>, Option<oneshot::Sender<bool>>),
    Finish(oneshot::Sender<()>),
}

/// The audit log of a server.
pub(crate) struct Audit {
    trail: Arc<AuditTrail>,
    accounts: Arc<dyn AccountStore>,
    studies: Arc<dyn StudyStore>,
    throttle: Throttle,
    /// The way to the thread, which begins with the first record.
    queue: Mutex<Option<SyncSender<Message>>>,
}

impl Audit {
    /// Over that store. Nothing is written before the first event.
    pub(crate) fn new(
        ports: &Ports,
        keys: AuditKeys,
        witness: Option<Arc<dyn AuditWitness>>,
        new: AuditChain,
    ) -> io::Result<Self> {
        let trail = AuditTrail::open(Arc::clone(&ports.audit), keys, witness, new)?;
        Ok(Self {
            trail: Arc::new(trail),
            accounts: Arc::clone(&ports.accounts),
            studies: Arc::clone(&ports.studies),
            throttle: Throttle::default(),
            queue: Mutex::new(None),
        })
    }

    pub(crate) fn keys(&self) -> &AuditKeys {
        self.trail.keys()
    }

    /// Whether that is to be recorded, if the same is recorded once in that time only.
    pub(super) fn is_new(&self, event: &AuditEvent, time: Duration) -> bool {
        let same = Same {
            actor: event.actor,
            subject: event.subject,
            action: event.action,
            outcome: event.outcome,
            study: event.study.clone(),
        };
        self.throttle.is_new(same, time, Instant::now())
    }

    /// Records it by and by.
    pub(super) fn note(&self, draft: Draft) {
        self.send(Message::Record(Box::new(draft), None));
    }

    /// Records all of them; whether that is durable.
    pub(super) async fn record(&self, drafts: Vec<Draft>) -> bool {
        let mut written = Vec::with_capacity(drafts.len());
        for draft in drafts {
            let (done, waits) = oneshot::channel();
            self.send(Message::Record(Box::new(draft), Some(done)));
            written.push(waits);
        }
        let mut all = true;
        for waits in written {
            all &= waits.await.unwrap_or(false);
        }
        all
    }

    /// Writes what waits, and says how far the chains have come.
    pub(crate) async fn finish(&self) {
        let (done, waits) = oneshot::channel();
        let begun = self
            .queue
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .is_some();
        if begun && self.send(Message::Finish(done)) {
            // Where the thread is gone, there is nothing to wait for.
            let _ = waits.await;
        }
    }

    fn send(&self, message: Message) -> bool {
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        if queue.is_none() {
            *queue = self.begin().ok();
        }
        let sent = queue.as_ref().map(|queue| queue.try_send(message));
        if matches!(sent, Some(Ok(()))) {
            return true;
        }
        tracing::error!("the audit log has no room: something was done that it does not tell");
        false
    }

    fn begin(&self) -> io::Result<SyncSender<Message>> {
        let (sender, receiver) = sync_channel(WAITING);
        let mut writer = Writer {
            trail: Arc::clone(&self.trail),
            accounts: Arc::clone(&self.accounts),
            studies: Arc::clone(&self.studies),
            kept: VecDeque::new(),
            lost: 0,
            said: Instant::now(),
            changed: false,
        };
        thread::Builder::new()
            .name("audit".to_owned())
            .spawn(move || writer.run(&receiver))?;
        Ok(sender)
    }
}

struct Writer {
    trail: Arc<AuditTrail>,
    accounts: Arc<dyn AccountStore>,
    studies: Arc<dyn StudyStore>,
    /// What was done and could not be written yet.
    kept: VecDeque<AuditEvent>,
    /// How many were given up.
    lost: u64,
    /// When it was said last how far the chains have come, and whether they have come farther since.
    said: Instant,
    changed: bool,
}

impl Writer {
    fn run(&mut self, receiver: &Receiver<Message>) {
        loop {
            let patience = match (self.kept.is_empty(), self.changed) {
                (false, _) => AGAIN,
                (true, true) => CHECKPOINT.saturating_sub(self.said.elapsed()),
                (true, false) => Duration::MAX,
            };
            let first = match patience {
                Duration::MAX => receiver.recv().map_err(|_| RecvTimeoutError::Disconnected),
                patience => receiver.recv_timeout(patience),
            };
            match first {
                Ok(first) => {
                    let rest = receiver.try_iter().take(AT_ONCE - 1);
                    let all = std::iter::once(first).chain(rest).collect();
                    self.write(all);
                }
                Err(RecvTimeoutError::Timeout) => self.write(Vec::new()),
                Err(RecvTimeoutError::Disconnected) => {
                    self.write(Vec::new());
                    self.say();
                    return;
                }
            }
            if self.changed && self.said.elapsed() >= CHECKPOINT {
                self.say();
            }
        }
    }

    /// Writes what was kept and what has come.
    fn write(&mut self, messages: Vec<Message>) {
        let (mut drafts, mut answers, mut ends) = (Vec::new(), Vec::new(), Vec::new());
        for message in messages {
            match message {
                Message::Record(draft, answer) => {
                    drafts.push(*draft);
                    answers.extend(answer);
                }
                Message::Finish(done) => ends.push(done),
            }
        }
        let new: Vec<_> = drafts.iter().map(|draft| self.looked_up(draft)).collect();
        let events: Vec<_> = self
            .kept
            .iter()
            .cloned()
            .chain(new.iter().cloned())
            .collect();
        let written = self.trail.record(&events);
        match &written {
            Ok(()) => {
                self.kept.clear();
                self.changed |= !events.is_empty();
                self.tell_lost();
            }
            Err(error) => self.keep(&drafts, new, error),
        }
        for answer in answers {
            // Whoever asked may be gone.
            let _ = answer.send(written.is_ok());
        }
        if !ends.is_empty() {
            self.say();
        }
        for end in ends {
            // Whoever waits may be gone.
            let _ = end.send(());
        }
    }

    /// What was done is written later; what was only to be read was not handed out.
    fn keep(&mut self, drafts: &[Draft], new: Vec<AuditEvent>, error: &StoreError) {
        tracing::error!(%error, cause = ?std::error::Error::source(error), "the audit log can't be written");
        for (draft, event) in drafts.iter().zip(new) {
            if draft.was_done && self.kept.len() < KEPT {
                self.kept.push_back(event);
            } else if draft.was_done {
                self.lost += 1;
            }
        }
    }

    fn tell_lost(&mut self) {
        if self.lost == 0 {
            return;
        }
        let event = AuditEvent {
            at: Timestamp::now(),
            actor: None,
            role: AuditRole::Nobody,
            action: AuditAction::Lost,
            study: None,
            subject: None,
            outcome: AuditOutcome::Failed,
            request: None,
        };
        if self.trail.record(&[event]).is_ok() {
            tracing::error!(
                lost = self.lost,
                "records of the audit log were lost while it could not be written"
            );
            self.lost = 0;
        }
    }

    fn looked_up(&self, draft: &Draft) -> AuditEvent {
        let mut event = draft.event.clone();
        if let (None, Some(id)) = (event.subject, draft.account)
            && let Ok(Some(account)) = self.accounts.account(id)
        {
            event.subject = Some(self.trail.keys().account(&account.subject));
        }
        if let (None, Some(id)) = (&event.study, draft.study)
            && let Ok(Some(study)) = self.studies.study(id)
        {
            event.study = Some(study.slug);
        }
        event
    }

    fn say(&mut self) {
        self.said = Instant::now();
        if !self.changed {
            return;
        }
        match self.trail.checkpoint(Timestamp::now()) {
            Ok(()) => self.changed = false,
            Err(error) => {
                tracing::warn!(%error, cause = ?std::error::Error::source(&error), "the checkpoint of the audit log waits for the next time");
            }
        }
    }
}
