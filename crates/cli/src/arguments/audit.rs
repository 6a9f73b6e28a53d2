//! `sillage audit`

use clap::{Args, Subcommand};
use sillage_domain::Username;

/// `sillage audit`
#[derive(Debug, Subcommand)]
#[non_exhaustive]
pub enum AuditCommand {
    /// Say whether the audit log is as it was written: no record changed, added, missing or moved, and no chain cut off
    ///
    /// Ends with 1 if it is not, and tells at which record of which chain.
    Verify,
    /// Print under which reference the audit log names an account
    Reference(AuditReferenceOf),
}

/// `sillage audit reference`
#[derive(Debug, Args)]
pub struct AuditReferenceOf {
    /// Of the account
    pub username: Username,
}
