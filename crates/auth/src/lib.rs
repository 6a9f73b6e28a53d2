#![doc = include_str!("../README.md")]

mod caller;
mod credentials;
mod granted;
mod password;
mod permission;
pub mod policy;
mod scope;
mod secret;
mod signing_keys;
mod token;

pub use caller::{Caller, Inactive};
pub use credentials::{Basic, Credentials, CredentialsError};
pub use granted::{Granted, GrantedAcross, Reach, Refusal, StudyRef};
pub use password::{Cost, MAX_BYTES, MIN_CHARS, PasswordError, Passwords, generate};
pub use permission::{
    Action, CreateStudy, Export, ExportTsadk, ListParticipants, ManageParticipants, ManageStudy,
    NameParticipant, Permission, ReadFullLogs, ReadLogs, ReadQuarantine, ReadSelf, ReadStudy,
    WriteLogs,
};
pub use scope::{Scope, ScopeError, ScopeWord};
pub use secret::Secret;
pub use signing_keys::{SIGNING_PURPOSE, SigningKey, SigningKeyError, SigningKeys};
pub use token::{CLOCK_SKEW_SECONDS, Claims, ISSUER, InvalidToken, IssueError, TokenError};
