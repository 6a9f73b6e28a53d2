//! The ports: what the layers above ask of a store. One trait an aggregate, each object-safe.
//!
//! All of them block but for [`LogWriter::submit`]: async callers call them off their threads.

mod erasure;

pub use erasure::{Belongings, Erasure, ErasureStore, Removal, Traces};

use crate::{
    Account, AccountId, AlertStore, AmendmentStore, AuditStore, Client, ClientChange, ClientFilter,
    ClientId, CodebookStore, ConsentCode, ConsentStore, DeletionStore, DisputeStore, EntryId,
    ErasureRecordStore, Grant, GrantId, HoldStore, LiveStore, LogFilter, LogNumber, LogPage,
    LogQuery, LogRevision, Membership, MonitorStore, MoveStore, NewAccount, NewClient, NewEntry,
    NewGrant, NewMisfit, NewStudy, NoticeStore, PageRequest, Paged, PasswordHash, PeopleStore,
    QuarantineId, QuarantineStore, RefreshHashes, ReidentificationStore, Release, Renewal,
    RequestStore, RetentionStore, Role, Slug, StoredEntry, Study, StudyChange, StudyCounts,
    StudyId, StudyRole, StudyScope, SubjectId, Timestamp, TokenHash, TombstoneStore, Username,
    VaultStore,
};
use std::future::Future;
use std::ops::ControlFlow;
use std::pin::Pin;
use std::sync::Arc;

type Source = Box<dyn std::error::Error + Send + Sync>;

/// Why a store could not do what was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The slug or username is taken.
    #[error("the name {0} is taken")]
    NameTaken(String),
    /// The thing was changed since the revision that the caller has seen.
    #[error("it was changed by somebody else")]
    Stale,
    /// There is no such thing, or no longer.
    #[error("there is no such thing")]
    NotFound,
    /// Too much waits to be written: it may be sent again soon.
    #[error("too much waits to be written")]
    Overloaded,
    /// The database can't be reached or can't write (down, no space, locked): it may be tried again.
    #[error("the database is away")]
    Away(#[source] Source),
    /// A row does not make sense.
    #[error("what is stored is damaged: {0}")]
    Damaged(String),
    /// Anything else; trying again will not help.
    #[error("the database failed")]
    Failed(#[source] Source),
}

/// Something that arrived, to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Arrival {
    /// An entry.
    Entry(NewEntry),
    /// A text for the quarantine.
    Misfit(NewMisfit),
    /// A text of the quarantine that becomes an entry.
    Release(Release),
}

/// What arrived in one request, stored in one transaction.
#[derive(Debug, Clone)]
pub struct Submission {
    /// In the order of the request.
    pub arrivals: Arc<[Arrival]>,
    /// When, by the clock of the server.
    pub received_at: Timestamp,
    /// Whether nothing is stored if anything is a [`Outcome::Conflict`].
    pub strict: bool,
}

/// What became of one arrival.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It is stored now, under this number. A text that was released is in quarantine no more.
    Accepted(LogNumber),
    /// It was stored before, under this number, with the same content. A text that was released is in quarantine no more.
    Duplicate(LogNumber),
    /// An entry with this id and other content was stored before, or comes before this one. Nothing was written for this one, and a
    /// text that was to be released stays in quarantine.
    Conflict,
    /// It lies in quarantine, now or since it came first.
    Quarantined(QuarantineId),
    /// It lies in quarantine no more: somebody else let it out or threw it away. Nothing was written.
    Gone,
    /// Whose it is was [erased](ErasureStore::erase). Nothing was written.
    Erased,
    /// It would have been stored, but the submission was strict and another arrival was in conflict.
    Withheld,
}

/// What [`LogWriter::submit`] gives: an outcome for each arrival, in order.
pub type Submitted = Pin<Box<dyn Future<Output = Result<Vec<Outcome>, StoreError>> + Send>>;

/// Writes log entries.
pub trait LogWriter: Send + Sync {
    /// Stores what arrived, and resolves once it is durable.
    ///
    /// Errors: [`StoreError::Overloaded`] at once if too much waits; [`StoreError::Away`] if the database is away, and then it is not
    /// known whether the submission was stored: sending it again is safe. A future that is dropped does not undo the submission.
    fn submit(&self, submission: Submission) -> Submitted;

    /// Whether a submission of one entry would be taken now.
    fn has_room(&self) -> bool;
}

/// Reads log entries. No entry is shown while one with a lower number may still appear.
pub trait LogStore: Send + Sync {
    /// A part of a list.
    fn page(&self, query: &LogQuery) -> Result<LogPage, StoreError>;

    /// One entry; `None` if there is none, or it is of another study.
    fn entry(
        &self,
        number: LogNumber,
        scope: &StudyScope,
    ) -> Result<Option<StoredEntry>, StoreError>;

    /// The entry of that participant with that id.
    fn entry_by_id(
        &self,
        pseudonym: crate::Pseudonym,
        id: EntryId,
    ) -> Result<Option<StoredEntry>, StoreError>;

    /// The state of the entries of these studies. Reads no entry.
    fn revision(&self, scope: &StudyScope) -> Result<LogRevision, StoreError>;

    /// Calls `each` with every entry of a study that was there at the call, in order of numbers, until it breaks. For a filter by
    /// purpose, what holds at the call decides.
    ///
    /// Memory does not grow with the number of entries.
    fn scan(
        &self,
        study: StudyId,
        filter: &LogFilter,
        each: &mut dyn FnMut(StoredEntry) -> ControlFlow<()>,
    ) -> Result<(), StoreError>;

    /// How much a study holds.
    fn counts(&self, study: StudyId) -> Result<StudyCounts, StoreError>;

    /// Whether the archive can be read now. Cheap.
    fn ping(&self) -> Result<(), StoreError>;
}

/// Keeps studies.
pub trait StudyStore: Send + Sync {
    /// Makes a draft. `manager`, if given, becomes its manager. Error: [`StoreError::NameTaken`].
    fn create_study(
        &self,
        new: &NewStudy,
        manager: Option<AccountId>,
        now: Timestamp,
    ) -> Result<Study, StoreError>;

    /// The study of that slug.
    fn study_by_slug(&self, slug: &Slug) -> Result<Option<Study>, StoreError>;

    /// The study of that id.
    fn study(&self, id: StudyId) -> Result<Option<Study>, StoreError>;

    /// A part of the list, in order of slugs.
    fn studies(&self, scope: &StudyScope, page: &PageRequest) -> Result<Paged<Study>, StoreError>;

    /// Changes a study; sets `closed_at` when it is closed, and unsets it when it is opened. Where it asks consent for something else from
    /// then on, the revision of its entries changes. Errors: [`StoreError::Stale`] if `revision` is
    /// given and no longer true; [`StoreError::NotFound`].
    fn change_study(
        &self,
        id: StudyId,
        change: &StudyChange,
        revision: Option<i64>,
        now: Timestamp,
    ) -> Result<Study, StoreError>;
}

/// What to change of an account; what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct AccountChange {
    /// See [`Account::password_hash`].
    pub password_hash: Option<PasswordHash>,
    /// See [`Account::active`].
    pub active: Option<bool>,
}

impl AccountChange {
    /// Whether the account's log-ins end with it: with another password, and when it may no longer log in.
    #[must_use]
    pub fn ends_grants(&self) -> bool {
        self.password_hash.is_some() || self.active == Some(false)
    }
}

/// Keeps accounts and memberships.
pub trait AccountStore: Send + Sync {
    /// The account of that id.
    fn account(&self, id: AccountId) -> Result<Option<Account>, StoreError>;

    /// The account of that username.
    fn account_by_username(&self, username: &Username) -> Result<Option<Account>, StoreError>;

    /// The account of that subject.
    fn account_by_subject(&self, subject: &SubjectId) -> Result<Option<Account>, StoreError>;

    /// Makes an account of somebody who runs studies. Error: [`StoreError::NameTaken`].
    fn create_user(
        &self,
        new: &NewAccount,
        role: Role,
        now: Timestamp,
    ) -> Result<Account, StoreError>;

    /// Makes participants of a study, all or none, numbered in the order given. Error: [`StoreError::NameTaken`] with the first that is.
    fn enrol(
        &self,
        study: StudyId,
        new: &[NewAccount],
        now: Timestamp,
    ) -> Result<Vec<Account>, StoreError>;

    /// A part of the list of a study's participants, by number; `search` is a part of the username.
    fn participants(
        &self,
        study: StudyId,
        search: Option<&str>,
        page: &PageRequest,
    ) -> Result<Paged<Account>, StoreError>;

    /// Every username on the server that begins so, case folded.
    fn usernames_with_prefix(&self, prefix: &str) -> Result<Vec<Username>, StoreError>;

    /// Changes an account, and ends its grants if [it asks for that](AccountChange::ends_grants); where it was `seen`, only if it still has
    /// that password and that state. Errors: [`StoreError::NotFound`], [`StoreError::Stale`].
    fn change_account(
        &self,
        id: AccountId,
        change: &AccountChange,
        seen: Option<&Account>,
    ) -> Result<(), StoreError>;

    /// Puts another hash of the same password in the place of the one that was seen; the account's grants stay. Whether it was still
    /// there: `false` changes nothing.
    fn renew_password_hash(
        &self,
        id: AccountId,
        seen: &PasswordHash,
        renewed: &PasswordHash,
    ) -> Result<bool, StoreError>;

    /// How many accounts have that role.
    fn count_accounts(&self, role: Role) -> Result<u64, StoreError>;

    /// In which studies an account has which role.
    fn memberships(&self, account: AccountId) -> Result<Vec<Membership>, StoreError>;

    /// Makes an account a member of a study, or changes what it is there.
    fn put_member(
        &self,
        study: StudyId,
        account: AccountId,
        role: StudyRole,
    ) -> Result<(), StoreError>;
}

/// Keeps grants: log-ins, and what may be taken from them. A grant goes with its account and with its client.
pub trait GrantStore: Send + Sync {
    /// Makes a grant. One above [`MAX_GRANTS`](crate::MAX_GRANTS) ends that of the same account (of the same client, without an account)
    /// that was used least recently. Error: [`StoreError::NotFound`] without that account or client.
    fn begin_grant(&self, new: &NewGrant, now: Timestamp) -> Result<(), StoreError>;

    /// The grant of that id.
    fn grant(&self, id: GrantId) -> Result<Option<Grant>, StoreError>;

    /// The grant whose refresh tokens have that in common.
    fn grant_by_family(&self, family: &TokenHash) -> Result<Option<Grant>, StoreError>;

    /// Puts `successor` in the place of a refresh token that was presented, as [`RefreshChain::after`](crate::RefreshChain::after)
    /// says, with another end of the grant; ends the grant if the token was used before.
    fn renew_grant(
        &self,
        presented: &RefreshHashes,
        successor: &TokenHash,
        ends_at: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<Renewal, StoreError>;

    /// A part of the list of an account's grants that live, the newest first.
    fn grants_of(
        &self,
        account: AccountId,
        now: Timestamp,
        page: &PageRequest,
    ) -> Result<Paged<Grant>, StoreError>;

    /// Ends a grant. Gives whether there was one.
    fn end_grant(&self, id: GrantId) -> Result<bool, StoreError>;

    /// Ends all grants of an account.
    fn end_grants_of(&self, account: AccountId) -> Result<(), StoreError>;

    /// Ends all access tokens of a grant that were issued so far; a grant that has no refresh token ends with them.
    fn end_tokens(&self, id: GrantId) -> Result<(), StoreError>;

    /// The same for all grants of an account.
    fn end_tokens_of(&self, account: AccountId) -> Result<(), StoreError>;

    /// Takes away at most that many grants of which nothing is good any more, and gives how many.
    fn forget_ended_grants(&self, now: Timestamp, at_most: u32) -> Result<u32, StoreError>;
}

/// A token signing key as it is stored: sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedSigningKey {
    /// Names it in tokens.
    pub kid: String,
    /// Sealed under a key derived from the root key.
    pub sealed: Vec<u8>,
    /// When it was made; the newest signs.
    pub created_at: Timestamp,
}

/// Keeps registered clients.
pub trait ClientStore: Send + Sync {
    /// The client of that id.
    fn client(&self, id: &ClientId) -> Result<Option<Client>, StoreError>;

    /// A part of the list within the scope, in order of names; clients of the platform are only in [`StudyScope::All`].
    fn clients(
        &self,
        scope: &StudyScope,
        filter: &ClientFilter,
        page: &PageRequest,
    ) -> Result<Paged<Client>, StoreError>;

    /// Keeps one more. Errors: [`StoreError::NameTaken`] if there is one of that id; [`StoreError::NotFound`] without its study.
    fn register_client(&self, new: &NewClient, now: Timestamp) -> Result<Client, StoreError>;

    /// Changes a client; ends the grants that it got for itself where [`ClientChange::ends_own_grants`] says so. Errors: [`StoreError::Stale`] if `revision` is given and no longer true; [`StoreError::NotFound`].
    fn change_client(
        &self,
        id: &ClientId,
        change: &ClientChange,
        revision: Option<i64>,
    ) -> Result<Client, StoreError>;

    /// Forgets a client, and all grants that came through it. Errors: as [`change_client`](Self::change_client).
    fn remove_client(&self, id: &ClientId, revision: Option<i64>) -> Result<(), StoreError>;
}

/// Keeps what belongs to the server as a whole.
pub trait ServerStore: Send + Sync {
    /// The fingerprint of the root key that this archive belongs to. The first caller's is kept, whoever calls later gets that one.
    fn claim_fingerprint(&self, fingerprint: &str) -> Result<String, StoreError>;

    /// The signing keys, the newest first.
    fn signing_keys(&self) -> Result<Vec<SealedSigningKey>, StoreError>;

    /// Keeps one more signing key, unless there is one of its name. Gives whether it was kept.
    fn add_signing_key(&self, key: &SealedSigningKey) -> Result<bool, StoreError>;

    /// Forgets a signing key: whatever it signed is good no longer.
    fn remove_signing_key(&self, kid: &str) -> Result<(), StoreError>;
}

/// Everything that the layers above ask of one store.
#[derive(Clone)]
pub struct Ports {
    /// Writes entries.
    pub writer: Arc<dyn LogWriter>,
    /// Reads entries.
    pub logs: Arc<dyn LogStore>,
    /// Keeps the quarantine.
    pub quarantine: Arc<dyn QuarantineStore>,
    /// Keeps corrections of entries.
    pub amendments: Arc<dyn AmendmentStore>,
    /// Deletes entries.
    pub tombstones: Arc<dyn TombstoneStore>,
    /// Keeps studies.
    pub studies: Arc<dyn StudyStore>,
    /// Keeps accounts.
    pub accounts: Arc<dyn AccountStore>,
    /// Keeps log-ins.
    pub grants: Arc<dyn GrantStore>,
    /// Keeps registered clients.
    pub clients: Arc<dyn ClientStore>,
    /// Takes people out.
    pub erasure: Arc<dyn ErasureStore>,
    /// Keeps what was erased.
    pub records: Arc<dyn ErasureRecordStore>,
    /// Takes out what is old.
    pub retention: Arc<dyn RetentionStore>,
    /// Keeps people who run studies.
    pub people: Arc<dyn PeopleStore>,
    /// Keeps the codebooks of studies.
    pub codebooks: Arc<dyn CodebookStore>,
    /// Keeps information notices.
    pub notices: Arc<dyn NoticeStore>,
    /// Keeps consents.
    pub consents: Arc<dyn ConsentStore>,
    /// Keeps what holds the use of entries up.
    pub holds: Arc<dyn HoldStore>,
    /// Keeps disputes of entries.
    pub disputes: Arc<dyn DisputeStore>,
    /// Keeps requests that came by letter.
    pub requests: Arc<dyn RequestStore>,
    /// Deletes studies.
    pub deletion: Arc<dyn DeletionStore>,
    /// Takes over people from other archives.
    pub moving: Arc<dyn MoveStore>,
    /// Tells who plays.
    pub live: Arc<dyn LiveStore>,
    /// Keeps alerts.
    pub alerts: Arc<dyn AlertStore>,
    /// Tells how the store is.
    pub monitor: Arc<dyn MonitorStore>,
    /// Keeps requests to tell whose a pseudonym is.
    pub reidentifications: Arc<dyn ReidentificationStore>,
    /// Keeps the audit log.
    pub audit: Arc<dyn AuditStore>,
    /// Keeps identities, sealed.
    pub vault: Arc<dyn VaultStore>,
    /// Keeps the rest.
    pub server: Arc<dyn ServerStore>,
}

impl Ports {
    /// Forgets what was written about somebody who is about to be taken out, and could name them: the words of their disputes, whose marks stay
    /// with the entries, and where the papers of their consents lie, while what was decided stays.
    ///
    /// # Errors
    ///
    /// Those of the store.
    pub fn forget_words(&self, traces: Traces, code: &ConsentCode) -> Result<(), StoreError> {
        self.disputes.silence(traces.study, traces.pseudonym)?;
        self.consents.forget_references(traces.study, code)
    }

    /// All ports of one store.
    pub fn of<S>(store: Arc<S>) -> Self
    where
        S: LogWriter
            + LogStore
            + QuarantineStore
            + AmendmentStore
            + TombstoneStore
            + StudyStore
            + AccountStore
            + GrantStore
            + ClientStore
            + ErasureStore
            + ErasureRecordStore
            + RetentionStore
            + PeopleStore
            + CodebookStore
            + NoticeStore
            + ConsentStore
            + HoldStore
            + DisputeStore
            + RequestStore
            + DeletionStore
            + MoveStore
            + LiveStore
            + AlertStore
            + MonitorStore
            + ReidentificationStore
            + AuditStore
            + VaultStore
            + ServerStore
            + 'static,
    {
        Self {
            writer: store.clone(),
            logs: store.clone(),
            quarantine: store.clone(),
            amendments: store.clone(),
            tombstones: store.clone(),
            studies: store.clone(),
            accounts: store.clone(),
            grants: store.clone(),
            clients: store.clone(),
            erasure: store.clone(),
            records: store.clone(),
            retention: store.clone(),
            people: store.clone(),
            codebooks: store.clone(),
            notices: store.clone(),
            consents: store.clone(),
            holds: store.clone(),
            disputes: store.clone(),
            requests: store.clone(),
            deletion: store.clone(),
            moving: store.clone(),
            live: store.clone(),
            alerts: store.clone(),
            monitor: store.clone(),
            reidentifications: store.clone(),
            audit: store.clone(),
            vault: store.clone(),
            server: store,
        }
    }
}

impl std::fmt::Debug for Ports {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Ports")
    }
}
