//! `sillage backup`: the whole archive in one file, read back before it is called done.

mod fault;
mod read;
mod seal;
mod write;

pub use fault::BackupFault;
pub(crate) use read::Found;
pub(crate) use read::read;
pub(crate) use seal::identities;

use crate::progress::bar;
use crate::{BackupArguments, CommandError, Output};
use indicatif::ProgressBar;
use seal::{Lock, Sealing};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sillage_domain::{Cell, Timestamp, WholeError, WholeSink, WholeSource, WholeState, WholeTable};
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};
use write::Writer;

/// What the first line says.
const MAGIC: &str = "sillage-backup";
/// The form that is written.
const FORM: u32 = 1;

/// When a backup was made, and by what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Making {
    pub(crate) made_at: Timestamp,
    pub(crate) made_by: String,
}

/// Writes the backup, reads it back, and gives it its name.
///
/// # Errors
///
/// [`CommandError::Usage`] for a file that is there already, or a key that is none; [`CommandError::File`]; [`CommandError::Backup`] where what
/// was read back is not what was written; [`CommandError::Whole`], those of the database.
pub fn run(
    arguments: &BackupArguments,
    source: &mut dyn WholeSource,
    now: Timestamp,
    output: &mut Output<'_>,
) -> Result<(), CommandError> {
    let lock = Lock::of(&arguments.to_key)?;
    let path = named(arguments, now)?;
    let part = Part::beside(&path);
    let failed = |source| CommandError::File {
        path: path.clone(),
        source,
    };
    let made = Making {
        made_at: now,
        made_by: concat!("sillage ", env!("CARGO_PKG_VERSION")).to_owned(),
    };
    let file = part.make().map_err(failed)?;
    let file = Sealing::begin(BufWriter::new(file), lock.as_ref()).map_err(failed)?;
    let mut shown = Shown::over(Writer::new(file, made), "copied");
    let written = source.read(&mut shown);
    let (written, state) =
        written
            .and_then(|()| shown.below.finish())
            .map_err(|error| match error {
                WholeError::Stream(source) => failed(source),
                other => other.into(),
            })?;
    let file = written
        .finish()
        .and_then(|file| file.into_inner().map_err(io::IntoInnerError::into_error));
    file.and_then(|file| file.sync_all()).map_err(failed)?;
    let unlock: Vec<_> = lock.iter().map(Lock::for_reading_back).collect();
    let found = read(&part.path, &unlock, None)?;
    if Some(&found.state) != state.as_ref() {
        let path = path.clone();
        let fault = BackupFault::Damaged("what was read back is not what was written".into());
        return Err(CommandError::Backup { path, fault });
    }
    let bytes = part.becomes(&path).map_err(failed)?;
    let tables = found.state.tables.len();
    output.line(format_args!(
        "{} rows of {tables} tables are in {} ({bytes} bytes), which was read back and is whole",
        found.rows,
        path.display()
    ))?;
    output.line("keep apart from it: the root key, the vault's secrets, the ledger of erasures")?;
    output.value(&json!({
        "file": path, "bytes": bytes, "rows": found.rows, "tables": tables, "locked": lock.is_some(),
        "made_at": found.made.made_at, "engine": found.state.engine, "fingerprint": found.state.fingerprint,
    }))?;
    Ok(())
}

/// The name that it will have.
fn named(arguments: &BackupArguments, now: Timestamp) -> Result<PathBuf, CommandError> {
    let second: String = now.to_string().chars().take(19).collect();
    let second = second.replace(['-', ':'], "");
    let end = match arguments.to_key.is_empty() {
        true => "",
        false => ".age",
    };
    let name = format!("sillage-{second}Z.backup{end}");
    let path = match &arguments.to {
        None => PathBuf::from(name),
        Some(to) if to.is_dir() => to.join(name),
        Some(to) => to.clone(),
    };
    if path.exists() {
        return Err(CommandError::Usage(format!(
            "{}: there is such a file, which is not written over",
            path.display()
        )));
    }
    Ok(path)
}

/// The file until it is whole; gone with this if it never is.
struct Part {
    path: PathBuf,
}

impl Part {
    fn beside(path: &Path) -> Self {
        let mut part = path.as_os_str().to_owned();
        part.push(format!(".{}.part", std::process::id()));
        Self { path: part.into() }
    }

    /// For its owner only.
    fn make(&self) -> io::Result<File> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(&self.path)
    }

    /// Gives it that name, for good, and its size.
    fn becomes(self, path: &Path) -> io::Result<u64> {
        let bytes = fs::metadata(&self.path)?.len();
        fs::rename(&self.path, path)?;
        let above = path.parent().filter(|above| !above.as_os_str().is_empty());
        if cfg!(unix) {
            File::open(above.unwrap_or(Path::new(".")))?.sync_all()?;
        }
        Ok(bytes)
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        // Once it has its name there is nothing under this one.
        let _ = fs::remove_file(&self.path);
    }
}

/// A sink whose rows are counted on the terminal.
pub(crate) struct Shown<S> {
    pub(crate) below: S,
    what: &'static str,
    bar: ProgressBar,
}

impl<S: WholeSink> Shown<S> {
    pub(crate) fn over(below: S, what: &'static str) -> Self {
        Self {
            below,
            what,
            bar: ProgressBar::hidden(),
        }
    }
}

impl<S: WholeSink> WholeSink for Shown<S> {
    fn begin(&mut self, state: &WholeState) -> Result<(), WholeError> {
        self.bar = bar(self.what, state.tables.iter().map(|table| table.rows).sum());
        self.below.begin(state)
    }

    fn table(&mut self, table: &WholeTable) -> Result<(), WholeError> {
        self.below.table(table)
    }

    fn row(&mut self, cells: Vec<Cell>) -> Result<(), WholeError> {
        self.bar.inc(1);
        self.below.row(cells)
    }

    fn end(&mut self) -> Result<(), WholeError> {
        self.bar.finish_and_clear();
        self.below.end()
    }
}

#[cfg(test)]
mod tests;
