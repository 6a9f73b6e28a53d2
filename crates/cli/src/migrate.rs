//! `sillage migrate`: the steps by which the database came to its present form.

use crate::{CommandError, MigrateCommand, Output};
use serde::Serialize;

/// One migration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Migration {
    /// Names it, and puts it in its place.
    pub name: String,
    /// Whether it was run.
    pub applied: bool,
}

/// The migrations of a store, which this crate does not know.
pub trait Migrations {
    /// All of them, in order.
    ///
    /// # Errors
    ///
    /// Those of the database.
    fn list(&mut self) -> Result<Vec<Migration>, Box<dyn std::error::Error + Send + Sync>>;

    /// Runs those that were not, in order, and gives their names.
    ///
    /// # Errors
    ///
    /// Those of the database; those before the one that failed stay run.
    fn run(&mut self) -> Result<Vec<String>, Box<dyn std::error::Error + Send + Sync>>;
}

/// Does what the command says; without one, runs what was not run.
///
/// # Errors
///
/// [`CommandError::Migration`].
pub fn run(
    command: Option<MigrateCommand>,
    migrations: &mut dyn Migrations,
    output: &mut Output<'_>,
) -> Result<(), CommandError> {
    let run = match command {
        Some(MigrateCommand::Show) => Vec::new(),
        Some(MigrateCommand::Run) | None => migrations.run().map_err(CommandError::Migration)?,
    };
    let all = migrations.list().map_err(CommandError::Migration)?;
    for migration in &all {
        let state = match (migration.applied, run.contains(&migration.name)) {
            (_, true) => "run now",
            (true, false) => "run before",
            (false, false) => "not run",
        };
        output.line(format_args!("{:<10}  {}", state, migration.name))?;
    }
    output.value(&serde_json::json!({ "migrations": all, "run_now": run }))?;
    Ok(())
}
