//! How commands about the ledger of erasures are written.

use clap::Subcommand;

/// `sillage erasures`
#[derive(Debug, Clone, Copy, Subcommand)]
#[non_exhaustive]
pub enum ErasuresCommand {
    /// Say where the ledger is, and what it and the database know of each other
    Status,
    /// Erase again what the ledger knows and the database does not; a server does so by itself at its start
    Replay,
    /// Begin another ledger, where the one of this database is lost for good
    Found {
        /// Yes: nobody knows who was erased since this copy of the database was made
        #[arg(long)]
        yes: bool,
    },
}
