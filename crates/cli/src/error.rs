//! Why a command failed, told to whoever typed it.

use crate::backup::BackupFault;
use crate::demo::DemoError;
use crate::erasures::LedgerError;
use crate::restore::RestoreRefusal;
use sillage_auth::PasswordError;
use sillage_domain::{
    CodebookFault, CodebookVersion, ForeignError, Missing, NameError, PeopleError, Slug, StepFault,
    StoreError, Username, VaultError, WholeError,
};
use sillage_export::ExportError;
use sillage_pseudonym::RandomError;
use sillage_pseudonym::rules::{SetupError, StreamError};
use sillage_pseudonym::scrub::RosterError;
use std::io;
use std::path::{Path, PathBuf};

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CommandError {
    /// It was asked for wrongly.
    #[error("{0}")]
    Usage(String),
    /// There is no such study.
    #[error("there is no study `{0}`; make one with `sillage study create {0}`")]
    NoSuchStudy(Slug),
    /// The study has not said what it must before it collects what its codebook has.
    #[error("the study `{study}` can't collect this before it says:{}", listed(.missing))]
    NotReady {
        /// Which.
        study: Slug,
        /// What it has not said.
        missing: Vec<Missing>,
    },
    /// There is no such client.
    #[error("there is no client `{0}`; `sillage client list` lists those that there are")]
    NoSuchClient(String),
    /// There is no such request.
    #[error(
        "there is no request {0} in that study; `sillage requests list` shows those that there are"
    )]
    NoSuchRequest(i64),
    /// That can't become of a request.
    #[error(transparent)]
    Request(#[from] StepFault),
    /// A file can't be a notice.
    #[error("{}: a notice says something, and has at most {longest} characters", .path.display())]
    Notice {
        /// Which file.
        path: PathBuf,
        /// How many it may have.
        longest: usize,
    },
    /// A list of participants has faults; they were printed.
    #[error("{}: {faults} {}; nothing was done", .path.display(), if *.faults == 1 { "fault" } else { "faults" })]
    Participants {
        /// Which file.
        path: PathBuf,
        /// How many.
        faults: usize,
    },
    /// There is no such participant.
    #[error("there is no participant `{0}`, or not in that study")]
    NoSuchParticipant(Username),
    /// A prefix can't begin a username.
    #[error("`{prefix}` can't begin a username: {source}")]
    Prefix {
        /// What was given.
        prefix: String,
        /// Why not.
        source: NameError,
    },
    /// People were left as they are.
    #[error(transparent)]
    People(#[from] PeopleError),
    /// The store could not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Content was to be erased on a database that keeps the bytes.
    #[error(
        "this database keeps the bytes of what is erased in its files for some time: {0}. Turn that on; or set [privacy] \
         allow_unscrubbed_erasure, if that is known and accepted"
    )]
    BytesStay(String),
    /// The ledger of erasures can't be used.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// A password can't be set.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// There was no randomness.
    #[error(transparent)]
    Random(#[from] RandomError),
    /// A study could not be written.
    #[error(transparent)]
    Export(#[from] ExportError),
    /// A file that entries were to be compared with is no codebook.
    #[error("{}", told(.path, .faults))]
    NoCodebook {
        /// Which.
        path: PathBuf,
        /// Everything that is wrong with it.
        faults: Vec<CodebookFault>,
    },
    /// A codebook that is kept is none to this version of the program.
    #[error("version {version} of the study's codebook can't be read any more: {}", .faults.first().map(ToString::to_string).unwrap_or_default())]
    OldCodebook {
        /// Which.
        version: CodebookVersion,
        /// Everything that is wrong with it.
        faults: Vec<CodebookFault>,
    },
    /// Another program's database can't be read.
    #[error("{place}: {source}")]
    Foreign {
        /// Which, without a password.
        place: String,
        /// Why.
        source: ForeignError,
    },
    /// Another program's database is not the one that was meant.
    #[error("this is not the database of a TSADK collector: {0}")]
    Layout(String),
    /// A file could not be read or written.
    #[error("{}: {source}", .path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A codebook has faults; they were printed.
    #[error("{}: {faults} {}", .path.display(), if *.faults == 1 { "fault" } else { "faults" })]
    Codebook {
        /// Which file.
        path: PathBuf,
        /// How many.
        faults: usize,
    },
    /// Entries do not fit a codebook; why was printed.
    #[error("{}: {misfits} of {checked} entries do not fit", .path.display())]
    Misfits {
        /// Which file.
        path: PathBuf,
        /// How many do not fit.
        misfits: u64,
        /// How many there are.
        checked: u64,
    },
    /// A file of rules has faults; they were told.
    #[error("{}: {faults} {}", .path.display(), if *.faults == 1 { "fault" } else { "faults" })]
    Rules {
        /// Which file.
        path: PathBuf,
        /// How many.
        faults: usize,
    },
    /// A file is no roster.
    #[error("{}: {source}", .path.display())]
    Roster {
        /// Which.
        path: PathBuf,
        /// Why not.
        source: RosterError,
    },
    /// Something is missing that rules need.
    #[error("{0}; name its file with {option}", option = option_for(.0))]
    Pseudonymise(#[from] SetupError),
    /// Rows could not be pseudonymised to the end.
    #[error(transparent)]
    Stream(#[from] StreamError),
    /// A file has no entry to propose a codebook from.
    #[error("{}: no line of it is a log entry", .0.display())]
    NoEntries(PathBuf),
    /// The audit log is not as it was written; where was printed.
    #[error("the audit log is not as it was written: {faults} {}", if *.faults == 1 { "fault" } else { "faults" })]
    Audit {
        /// How many places are wrong.
        faults: usize,
    },
    /// A server is not there, or can't do its work.
    #[error("{url}: {what}")]
    Unwell {
        /// What was asked.
        url: String,
        /// What came of it.
        what: String,
    },
    /// A backup can't be used.
    #[error("{}: {fault}", .path.display())]
    Backup {
        /// Which file.
        path: PathBuf,
        /// Why not.
        fault: BackupFault,
    },
    /// The archive could not be copied as a whole.
    #[error(transparent)]
    Whole(#[from] WholeError),
    /// A backup is whole, and is not for here.
    #[error(transparent)]
    Restore(#[from] RestoreRefusal),
    /// Something is wrong with the installation; what, was printed.
    #[error("{wrong} {} wrong", if *.wrong == 1 { "thing is" } else { "things are" })]
    Wrong {
        /// How many things.
        wrong: usize,
    },
    /// What was restored does not fit together; where was printed.
    #[error("what was restored does not fit together: {faults} {}", if *.faults == 1 { "fault" } else { "faults" })]
    Unfit {
        /// How many places are wrong.
        faults: usize,
    },
    /// What there was to say could not be printed, or what was to be read not be read.
    #[error("the terminal or the pipe failed")]
    Terminal(#[from] io::Error),
    /// The migrations could not be read or run.
    #[error("the migrations failed")]
    Migration(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The vault can't be used.
    #[error("the vault can't be used")]
    Vault(#[from] VaultError),
    /// The database belongs to another root key than the one here.
    #[error("the database belongs to another root key, with the fingerprint {0}")]
    OtherRootKey(String),
    /// The demonstration found something wrong.
    #[error(transparent)]
    Demo(#[from] DemoError),
}

/// The option that names what is missing.
fn option_for(missing: &SetupError) -> &'static str {
    match missing {
        SetupError::NoKey => "--key-file",
        _ => "--roster",
    }
}

/// A line for each fault, as compilers have them.
fn listed(missing: &[Missing]) -> String {
    let lines = missing
        .iter()
        .map(|one| format!("\n  {one}: {}", one.summary()));
    lines.collect()
}

fn told(path: &Path, faults: &[CodebookFault]) -> String {
    let lines = faults
        .iter()
        .map(|fault| format!("{}:{fault}", path.display()));
    lines.collect::<Vec<_>>().join("\n")
}

impl CommandError {
    /// With what the program ends: 2 if it was asked for wrongly, 1 for any other failure, 0 if whoever read the output had
    /// enough of it.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Usage(_) | Self::Prefix { .. } => 2,
            _ if self.reader_is_gone() => 0,
            _ => 1,
        }
    }

    /// Whether nobody reads the output any more, as after `| head`.
    pub fn reader_is_gone(&self) -> bool {
        match self {
            Self::Terminal(error)
            | Self::Stream(StreamError::Write(error))
            | Self::Export(ExportError::Write(error)) => error.kind() == io::ErrorKind::BrokenPipe,
            _ => false,
        }
    }
}
