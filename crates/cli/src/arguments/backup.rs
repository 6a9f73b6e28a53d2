//! How `sillage backup` and `sillage restore` are written.

use clap::Args;
use std::path::PathBuf;

/// `sillage backup`
#[derive(Debug, Args)]
#[command(after_help = "\
The archive is read in one state, while servers go on writing. The file is read back before it gets its name; until then it ends in `.part`.
It holds neither the root key, nor the secrets of the vault, nor the ledger of erasures: keep those apart from it.

Exit codes: 0 the backup is there and whole, 1 failed, 2 asked for wrongly.")]
pub struct BackupArguments {
    /// The file to write, or the folder for it; a file that is there is not written over
    /// [default: a file named after the time, in the current folder]
    #[arg(long, value_name = "FILE|FOLDER")]
    pub to: Option<PathBuf>,
    /// Lock it, so that only who has the secret key of this public one reads it (age-encryption.org); may be given more than once
    #[arg(long, value_name = "age1...")]
    pub to_key: Vec<String>,
}

/// `sillage restore`
#[derive(Debug, Args)]
#[command(after_help = "\
The database that the configuration names has to be empty; it may be of the other kind than the one the backup is of. The root key of the
archive and its ledger of erasures have to be there: whoever was erased since the backup is erased again. Log-ins end, and everybody logs in
anew.

Exit codes: 0 restored and checked, 1 failed (a database that was begun is not worked on), 2 asked for wrongly.")]
pub struct RestoreArguments {
    /// The backup
    pub file: PathBuf,
    /// The file with the secret key, for a backup that is locked
    #[arg(long, value_name = "FILE")]
    pub identity: Option<PathBuf>,
    /// Only read the backup, and say what it is and whether it is whole
    #[arg(long)]
    pub check: bool,
    /// Keep log-ins: for a move to another database, where none was ended since the backup
    #[arg(long, conflicts_with = "check")]
    pub keep_log_ins: bool,
    /// The ledger of erasures is lost for good: begin another, and accept that whoever was erased since the backup is back
    #[arg(long, conflicts_with = "check")]
    pub begin_ledger: bool,
}
