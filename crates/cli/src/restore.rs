//! `sillage restore`: a backup into an empty database, of the same kind or the other.

use crate::backup::{Found, Shown, identities, read};
use crate::erasures::{LedgerError, LedgerFile, Reconciled};
use crate::{CommandError, Output, RestoreArguments};
use serde_json::json;
use sillage_domain::{
    Cell, Inspection, WholeError, WholeSink, WholeState, WholeTable, WholeTarget,
};

/// Why a whole backup is not restored here.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RestoreRefusal {
    /// There is no root key here.
    #[error(
        "there is no root key here, and the backup belongs to the one with the fingerprint {0}: bring it back first (`sillage keys import`, or \
         [keys] root_key_file)"
    )]
    NoRootKey(String),
    /// The root key here is another.
    #[error(
        "the backup belongs to another root key (fingerprint {theirs}; the one here has {ours}). Nothing was written"
    )]
    OtherRootKey {
        /// Of the key that is here.
        ours: String,
        /// Of the key that the backup belongs to.
        theirs: String,
    },
    /// There is a ledger, which was said to be lost.
    #[error("there is a ledger of erasures here: leave out --begin-ledger, and it is applied")]
    LedgerIsHere,
}

/// Opens the database that the backup goes into.
pub type OpenTarget<'a> = dyn Fn() -> Result<Box<dyn WholeTarget>, WholeError> + 'a;

/// What the command works with.
pub struct RestoreMeans<'a> {
    /// Of the root key that is here; none where there is no key.
    pub fingerprint: Option<String>,
    /// The ledger of erasures; none where there is no root key, which reads it.
    pub ledger: Option<&'a LedgerFile>,
    /// The database.
    pub open: &'a OpenTarget<'a>,
}

impl std::fmt::Debug for RestoreMeans<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RestoreMeans")
            .field("fingerprint", &self.fingerprint)
            .field("ledger", &self.ledger)
            .finish_non_exhaustive()
    }
}

/// A backup that was read, and put into the database.
#[derive(Debug)]
pub struct Restored {
    found: Found,
}

/// Reads the backup from end to end, and then puts it into the database. The ledger of erasures is compared, and is to be applied after this.
///
/// `None` where it was only to be read; that was said.
///
/// # Errors
///
/// [`CommandError::Backup`] for one that is damaged or locked; [`CommandError::Restore`], and [`CommandError::Ledger`] for a ledger that is not
/// there or another, before anything is written; [`CommandError::Whole`] where the database is not empty, the backup too new, or the
/// database fails.
pub fn run(
    arguments: &RestoreArguments,
    means: &RestoreMeans<'_>,
    output: &mut Output<'_>,
) -> Result<Option<Restored>, CommandError> {
    let keys = match &arguments.identity {
        Some(path) => identities(path)?,
        None => Vec::new(),
    };
    let found = read(&arguments.file, &keys, None)?;
    if arguments.check {
        say_whole(&found, output)?;
        return Ok(None);
    }
    check_key(&found.state, means)?;
    check_ledger(&found.state, arguments.begin_ledger, means)?;
    let mut target = (means.open)()?;
    let mut shown = Shown::over(Forward(&mut *target), "restored");
    let again = read(&arguments.file, &keys, Some(&mut shown))?;
    if again.state != found.state {
        return Err(CommandError::Usage(
            "the backup was changed while it was read".into(),
        ));
    }
    target.finish(arguments.keep_log_ins)?;
    Ok(Some(Restored { found }))
}

/// Says what was restored, with what the ledger of erasures had to say to it, and what was found to be wrong.
///
/// # Errors
///
/// [`CommandError::Unfit`] where something was.
pub fn say(
    restored: &Restored,
    erased: &Reconciled,
    faults: &[String],
    output: &mut Output<'_>,
) -> Result<(), CommandError> {
    let found = &restored.found;
    output.line(format_args!(
        "{} rows of {} tables are restored, as they were at {}",
        found.rows,
        found.state.tables.len(),
        found.made.made_at
    ))?;
    output.line(format_args!(
        "{} erasure(s) were made again: {} account(s), {} study(ies)",
        erased.replayed, erased.accounts, erased.studies
    ))?;
    for fault in faults {
        output.line(fault)?;
    }
    output.value(&json!({
        "rows": found.rows, "tables": found.state.tables.len(), "made_at": found.made.made_at, "from": found.state.engine,
        "erasures": erased, "faults": faults,
    }))?;
    match faults.len() {
        0 => Ok(()),
        faults => Err(CommandError::Unfit { faults }),
    }
}

/// What of a restored database does not fit together, in words.
pub fn faults(found: &Inspection) -> Vec<String> {
    let miscounts = found.miscounts.iter().map(|one| {
        format!(
            "{} of {}: {} by the counter, {} by the rows",
            one.what, one.of, one.kept, one.found
        )
    });
    let dangling = found.dangling.iter().map(|one| {
        format!(
            "{} row(s) of {} refer to rows of {} that are not there",
            one.rows, one.table, one.parent
        )
    });
    miscounts
        .chain(dangling)
        .chain(found.damage.clone())
        .collect()
}

fn say_whole(found: &Found, output: &mut Output<'_>) -> Result<(), CommandError> {
    let state = &found.state;
    output.line(format_args!(
        "the backup is whole: {} rows of {} tables, made at {} by {} of a {} database",
        found.rows,
        state.tables.len(),
        found.made.made_at,
        found.made.made_by,
        state.engine
    ))?;
    let known = |what: &Option<String>| what.clone().unwrap_or_else(|| "none".into());
    output.line(format_args!(
        "root key: fingerprint {}; ledger of erasures: {}",
        known(&state.fingerprint),
        known(&state.ledger)
    ))?;
    output.value(&json!({
        "whole": true, "rows": found.rows, "tables": state.tables, "made_at": found.made.made_at,
        "made_by": found.made.made_by, "engine": state.engine, "fingerprint": state.fingerprint, "ledger": state.ledger,
    }))?;
    Ok(())
}

fn check_key(state: &WholeState, means: &RestoreMeans<'_>) -> Result<(), RestoreRefusal> {
    match (&state.fingerprint, &means.fingerprint) {
        (Some(theirs), Some(ours)) if ours == theirs => Ok(()),
        (Some(theirs), None) => Err(RestoreRefusal::NoRootKey(theirs.clone())),
        (Some(theirs), Some(ours)) => Err(RestoreRefusal::OtherRootKey {
            ours: ours.clone(),
            theirs: theirs.clone(),
        }),
        (None, _) => Ok(()),
    }
}

fn check_ledger(
    state: &WholeState,
    begin: bool,
    means: &RestoreMeans<'_>,
) -> Result<(), CommandError> {
    let (Some(theirs), Some(ledger)) = (&state.ledger, means.ledger) else {
        return Ok(());
    };
    let path = ledger.path().to_owned();
    match ledger.read()? {
        Some(_) if begin => Err(RestoreRefusal::LedgerIsHere.into()),
        Some(ours) if ours.id == *theirs => Ok(()),
        Some(ours) => Err(LedgerError::Other {
            path,
            ours: ours.id,
            theirs: theirs.clone(),
        }
        .into()),
        None if begin => Ok(()),
        None => Err(LedgerError::Gone {
            path,
            id: theirs.clone(),
        }
        .into()),
    }
}

/// A target as the sink that it is.
struct Forward<'a>(&'a mut dyn WholeTarget);

impl WholeSink for Forward<'_> {
    fn begin(&mut self, state: &WholeState) -> Result<(), WholeError> {
        self.0.begin(state)
    }

    fn table(&mut self, table: &WholeTable) -> Result<(), WholeError> {
        self.0.table(table)
    }

    fn row(&mut self, cells: Vec<Cell>) -> Result<(), WholeError> {
        self.0.row(cells)
    }

    fn end(&mut self) -> Result<(), WholeError> {
        self.0.end()
    }
}
