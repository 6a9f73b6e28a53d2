//! The migrations of the store, as the command line knows them.

use crate::failure::Failure;
use crate::root_key;
use crate::settings::Settings;
use sillage_cli::migrate::Migration;
use sillage_store::StoreOptions;

type Error = Box<dyn std::error::Error + Send + Sync>;

/// The migrations of the store that the settings name.
pub(crate) struct Migrations {
    options: StoreOptions,
}

impl Migrations {
    /// Those of a database that belongs to the root key, if there is one: none is made for this.
    pub(crate) fn of(settings: &Settings) -> Result<Self, Failure> {
        let mut options = settings.store_options();
        options.fingerprint = root_key::find(settings)?.map(|key| key.fingerprint().to_string());
        Ok(Self { options })
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
