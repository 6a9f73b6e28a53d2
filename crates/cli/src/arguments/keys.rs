//! How `sillage keys` is written.

use clap::{Args, Subcommand};
use std::path::PathBuf;

/// `sillage keys`
#[derive(Debug, Subcommand)]
#[non_exhaustive]
pub enum KeysCommand {
    /// Show which keys there are, and whether they are those of the database; no key is shown
    Status,
    /// Replace the key of the vault and destroy the old one; pseudonyms and the root key stay
    Rotate(KeysRotate),
    /// Write the root key and the vault's keys to a file that a passphrase locks
    Export(KeysExport),
    /// Put the keys of such a file where this server looks for them
    Import(KeysImport),
}

/// `sillage keys rotate`
#[derive(Debug, Args)]
pub struct KeysRotate {
    /// Only make the next key, and write it beside the one in force: for the file to be given to every server first
    #[arg(long, conflicts_with_all = ["after_erasures", "erase_lost"])]
    pub prepare: bool,
    /// Only if identities were erased since the last time
    #[arg(long)]
    pub after_erasures: bool,
    /// Erase identities whose key is not here, since nobody can open them: after the restore of a backup that is older than the last
    /// rotation
    #[arg(long, conflicts_with = "after_erasures")]
    pub erase_lost: bool,
}

/// `sillage keys export`
#[derive(Debug, Args)]
pub struct KeysExport {
    /// The file to write; it must not be there
    #[arg(long, value_name = "FILE")]
    pub to: PathBuf,
    /// Where the passphrase is.
    #[command(flatten)]
    pub passphrase: Passphrase,
}

/// `sillage keys import`
#[derive(Debug, Args)]
pub struct KeysImport {
    /// The file to read
    #[arg(long, value_name = "FILE")]
    pub from: PathBuf,
    /// Where the passphrase is.
    #[command(flatten)]
    pub passphrase: Passphrase,
}

/// Where a passphrase is read.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub struct Passphrase {
    /// Read the passphrase from the first line of this file
    #[arg(long, value_name = "FILE")]
    pub passphrase_file: Option<PathBuf>,
    /// Read the passphrase from the first line of the standard input
    #[arg(long)]
    pub passphrase_stdin: bool,
}
