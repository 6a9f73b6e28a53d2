//! The migrations of the store, as the command line knows them.

use crate::settings::Settings;
use sillage_cli::migrate::Migration;
use sillage_store::StoreOptions;

type Error = Box<dyn std::error::Error + Send + Sync>;

/// The migrations of the store that the settings name.
pub(crate) struct Migrations {
    options: StoreOptions,
}

impl Migrations {
    pub(crate) fn of(settings: &Settings) -> Self {
        Self {
            options: settings.store_options(),
        }
    }
}

impl sillage_cli::migrate::Migrations for Migrations {
    fn list(&mut self) -> Result<Vec<Migration>, Error> {
        let all = sillage_store::migrations(&self.options)?;
        Ok(all
            .into_iter()
            .map(|known| Migration {
                name: known.name,
                applied: known.applied,
            })
            .collect())
    }

    fn run(&mut self) -> Result<Vec<String>, Error> {
        Ok(sillage_store::migrate(&self.options)?
            .into_iter()
            .map(|run| run.name)
            .collect())
    }
}
