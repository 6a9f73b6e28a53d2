#![doc = include_str!("../README.md")]

mod account;
mod alert;
mod amendment;
mod audit;
mod client;
pub mod codebook;
mod codebooks;
mod consent;
mod day;
mod deletion;
mod dispute;
mod draft;
mod entry;
mod fault;
mod foreign;
mod grant;
mod hold;
mod ids;
mod inspection;
mod json;
mod ledger;
mod limits;
mod live;
mod log;
mod members;
mod monitor;
mod moving;
mod name;
mod notice;
mod parse;
mod parts;
mod people;
mod ports;
mod protection;
pub mod quality;
mod quarantine;
mod reidentification;
mod retention;
mod rights_request;
mod roster;
mod study;
#[cfg(feature = "testing")]
pub mod testing;
mod time;
mod tombstone;
mod vault;
mod whole;

pub use account::{
    Account, Enrolment, Membership, NewAccount, PasswordHash, PasswordOrigin, Role, StudyRole,
};
pub use alert::{
    ARRIVED_AT_LEAST, Alert, AlertFilter, AlertId, AlertKind, AlertState, AlertStore,
    MAX_SILENCE_MINUTES, NewAlert, QuarantineWatch, Verdict, fullness, silence,
};
pub use amendment::{
    Amended, Amendment, AmendmentError, AmendmentRequest, AmendmentStore, Changes, Corrector,
    NewAmendment, scan_amended,
};
pub use audit::{
    AuditAction, AuditChain, AuditCheckpoint, AuditCut, AuditEvent, AuditFault, AuditFaultKind,
    AuditFilter, AuditHash, AuditKeys, AuditOutcome, AuditRecord, AuditReference, AuditReport,
    AuditRole, AuditStore, AuditTrail, AuditWitness, CheckpointError, CutReport, NotHexadecimal,
    NumberedRecord, Testimony, verify_audit,
};
pub use client::{
    BUILT_IN_CLIENT, Client, ClientChange, ClientFilter, ClientType, GrantType, MAX_CLIENT_NAME,
    NewClient, SecretHash, acts_for_itself, search_text,
};
pub use codebook::{Checker, Codebook, CodebookFault, CodebookFormat};
pub use codebooks::{
    CodebookPut, CodebookStore, CodebookSummary, CodebookVersion, NewCodebook, StoredCodebook,
};
pub use consent::{
    Consent, ConsentCode, ConsentEvent, ConsentStore, DecidedBy, Decision, Decisions, NewConsent,
    NoticeShown, Purpose, Purposes,
};
pub use day::{Day, DayError};
pub use deletion::{Deleted, DeletionError, DeletionStore, Extent, Holdings, delete_study};
pub use dispute::{Dispute, DisputeStore, Marker, NewDispute, Objections, scan_marked};
pub use entry::{
    Draft, EntryId, EntryStatus, Misfit, NewEntry, NewMisfit, Payload, QuarantinedEntry,
    StoredEntry, TOMBSTONE_ACTION,
};
pub use fault::{Fault, FaultKind, JsonType};
pub use foreign::{Cell, ForeignDatabase, ForeignError, ForeignTable};
pub use grant::{
    Grant, GrantId, LOST_ANSWER_SECONDS, MAX_GRANTS, NewGrant, RefreshChain, RefreshHashes,
    Renewal, Spent, TokenHash,
};
pub use hold::{Hold, HoldChange, HoldEvent, HoldStore, Holds, NewHold};
pub use ids::{AccountId, LogNumber, ParticipantNumber, QuarantineId, StudyId, SubjectId};
pub use inspection::{Dangling, Inspection, Miscount, OpenStudy};
pub use ledger::{Erased, ErasureCode, ErasureLedger, ErasureRecord, ErasureRecordStore};
pub use limits::Limits;
pub use live::{LiveStore, Player, Reached};
pub use log::{
    LogFilter, LogOrder, LogPage, LogQuery, LogRevision, PageRequest, Paged, StudyCounts,
    StudyScope, Window,
};
pub use members::each_member;
pub use monitor::{
    COMMIT_ROWS, COMMIT_SECONDS, Disk, DiskSpace, Distribution, Meter, MonitorStore, PoolLoad,
    QueueLoad, StoreLoad,
};
pub use moving::{Move, MoveStore, OldParticipant, Standing};
pub use name::{
    ActionName, ClientId, FileReference, NameError, Reason, Remark, Sequence, SessionName, Slug,
    Username,
};
pub use notice::{
    MAX_NOTICE, NewNotice, NoticePut, NoticeStore, NoticeSummary, NoticeVersion, StoredNotice,
    in_force, is_notice, language_tag,
};
pub use parse::{Body, BodyError, Form, Parsed, SourceTexts, parse, parse_with, source_text};
pub use people::{Member, MemberEditor, PeopleError, PeopleStore, User, UserChange};
pub use ports::{
    AccountChange, AccountStore, Arrival, Belongings, ClientStore, Erasure, ErasureStore,
    GrantStore, LogStore, LogWriter, Outcome, Ports, Removal, SealedSigningKey, ServerStore,
    StoreError, StudyStore, Submission, Submitted, Traces,
};
pub use protection::{
    Contact, Controller, Demand, Gate, LegalRegime, MAX_PARTIES, MAX_RETENTION_MONTHS, Missing,
    Protection, ProtectionChange, Recipient, Retention, RetentionStart, missing,
};
pub use quarantine::{
    Discarded, QuarantineFilter, QuarantineStore, ReasonCount, ReasonPeriod, Rejudged, Release,
    texts_and_conflicts,
};
pub use reidentification::{
    ANSWER_HOURS, NewReidentification, REQUEST_HOURS, Reidentification, ReidentificationId,
    ReidentificationState, ReidentificationStore, SecondOpinion,
};
pub use retention::{Expired, RetentionStore};
pub use rights_request::{
    ANSWER_DAYS, NewRightsRequest, REQUESTS_OF_ONE, RequestId, RequestKind, RequestOutcome,
    RequestStep, RequestStore, RightsRequest, StepFault, WaitingRequests, answer_by,
    prolonged_at_most,
};
pub use roster::{MAX_ACCOUNTS, usernames};
pub use sillage_pseudonym::{Code as Pseudonym, KeyError, VaultSecret};
pub use study::{
    Admission, AnonymityError, LATE_DAYS, MAX_GAME_URL, NewStudy, Study, StudyChange, StudySalt,
    StudyStatus, Validation, is_game_url,
};
pub use time::{TimeError, Timestamp};
pub use tombstone::{Burial, DeletionOrder, SessionDeletion, TombstoneStore};
pub use vault::{
    Identity, IdentityChange, IdentityField, IdentityFields, Known, Lost, MAX_IDENTITY, Rotation,
    SealedIdentity, SealedPersonKey, Vault, VaultError, VaultKeyPlace, VaultKeyRecord,
    VaultKeyStatus, VaultSecrets, VaultStatus, VaultStore, VaultVersion, is_email, is_line,
};
pub use whole::{
    ColumnKind, WholeColumn, WholeError, WholeSink, WholeSource, WholeState, WholeTable,
    WholeTarget,
};
