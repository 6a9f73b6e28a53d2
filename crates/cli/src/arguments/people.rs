//! How `sillage user` and `sillage member` are written.

use super::word;
use clap::{Args, Subcommand};
use sillage_domain::{Role, Slug, StudyRole, Username};

/// `sillage user`
#[derive(Debug, Subcommand)]
#[non_exhaustive]
pub enum UserCommand {
    /// List the accounts of people who run studies
    List(UserList),
    /// Make an account; the password is made and shown this once, unless it is given
    #[command(alias = "generate")]
    Create(UserCreate),
    /// Give an account another password, shown this once unless it is given; its log-ins end
    Reset(UserReset),
    /// Let an account log in no more; its log-ins end
    Deactivate(UserName),
    /// Let an account log in again
    Activate(UserName),
    /// Delete an account and its memberships; what it did stays
    Delete(UserDelete),
}

/// `sillage user list`
#[derive(Debug, Args)]
pub struct UserList {
    /// Only those with this in their username
    #[arg(long, value_name = "TEXT")]
    pub search: Option<String>,
}

/// `sillage user create`
#[derive(Debug, Args)]
pub struct UserCreate {
    /// What one types to log in
    pub username: Username,
    /// What the account may do on the server
    #[arg(long, default_value = "researcher", value_parser = word(&["admin", "researcher"], Role::from_word))]
    pub role: Role,
    /// Read the password from the first line of the standard input
    #[arg(long)]
    pub password_stdin: bool,
}

/// `sillage user reset`
#[derive(Debug, Args)]
pub struct UserReset {
    /// Of the account
    pub username: Username,
    /// Read the password from the first line of the standard input
    #[arg(long)]
    pub password_stdin: bool,
}

/// `sillage user delete`
#[derive(Debug, Args)]
pub struct UserDelete {
    /// Of the account
    pub username: Username,
    /// Say what would go, and do nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// An account that there is.
#[derive(Debug, Args)]
pub struct UserName {
    /// Of the account
    pub username: Username,
}

/// `sillage member`
#[derive(Debug, Subcommand)]
#[non_exhaustive]
pub enum MemberCommand {
    /// List who runs a study
    List(MemberList),
    /// Let somebody into a study, or make somebody something else there
    Add(MemberAdd),
    /// Put somebody out of a study; the account stays
    Remove(MemberRemove),
}

/// `sillage member list`
#[derive(Debug, Args)]
pub struct MemberList {
    /// Which study
    pub study: Slug,
}

/// `sillage member add`
#[derive(Debug, Args)]
pub struct MemberAdd {
    /// Which study
    pub study: Slug,
    /// Of the account
    pub username: Username,
    /// What the account is there
    #[arg(long, value_parser = word(&["manager", "analyst", "developer", "monitor"], StudyRole::from_word))]
    pub role: StudyRole,
}

/// `sillage member remove`
#[derive(Debug, Args)]
pub struct MemberRemove {
    /// Which study
    pub study: Slug,
    /// Of the account
    pub username: Username,
}
