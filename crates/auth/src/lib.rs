#![doc = include_str!("../README.md")]

mod caller;
mod credentials;
mod granted;
mod old_password;
mod password;
mod permission;
pub mod policy;
mod random_secret;
mod refresh_token;
mod rotation;
mod scope;
mod scope_word;
mod secret;
mod signing_keys;
mod token;
mod token_scope;

pub use caller::{Caller, Inactive};
pub use credentials::{Basic, Credentials, CredentialsError};
pub use granted::{Granted, GrantedAcross, Reach, Refusal, StudyRef};
pub use old_password::{MAX_ROUNDS, OldHashError, SHA512_CRYPT, rounds_of};
pub use password::{Cost, MAX_BYTES, MIN_CHARS, PasswordError, Passwords, generate};
pub use permission::{
    Action, AllowReidentification, AmendLogs, ChangeOwnIdentity, ChangeSelf, CreateStudy,
    DeleteLogs, DeleteParticipants, DeleteSelf, DeleteStudy, DisputeOwnLogs, EndOwnGrants, Export,
    ExportTsadk, GiveConsent, IntrospectTokens, ListClients, ListMembers, ListParticipants,
    ListPlatformClients, ListUsers, ManageClients, ManageCodebook, ManageIdentity, ManageMembers,
    ManageNotice, ManageParticipants, ManagePlatformClients, ManageQuarantine, ManageRequests,
    ManageStudy, ManageUsers, NameParticipant, Permission, ReadAlerts, ReadAudit, ReadCodebook,
    ReadConsents, ReadFullLogs, ReadIdentity, ReadLive, ReadLogs, ReadNotice, ReadOwnConsents,
    ReadOwnGrants, ReadOwnIdentity, ReadOwnLogs, ReadParticipant, ReadQuarantine,
    ReadReidentification, ReadRequests, ReadSelf, ReadServerAlerts, ReadStats, ReadStudy, ReadUser,
    RecordConsents, Reidentify, WriteLogs,
};
pub use random_secret::{RandomError, hash_secret, is_secret, random_secret};
pub use refresh_token::RefreshToken;
pub use rotation::{KeyRotation, successor};
pub use scope::{Scope, ScopeError};
pub use scope_word::ScopeWord;
pub use secret::Secret;
pub use signing_keys::{
    SETTLING_SECONDS, SIGNING_PURPOSE, SigningKey, SigningKeyError, SigningKeys,
};
pub use token::{
    CLOCK_SKEW_SECONDS, Claims, GrantRound, ISSUER, InvalidToken, IssueError, TokenError,
};
pub use token_scope::Holder;
