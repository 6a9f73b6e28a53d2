//! Two servers on one database.

use super::database::Engine;
use super::home::Home;
use super::server::Server;

/// Two servers on one MySQL or MariaDB schema, with one root key.
pub(crate) struct Nodes {
    /// Has made the schema, and the root key.
    pub(crate) first: Server,
    pub(crate) second: Server,
}

impl Nodes {
    /// Starts one after the other; `None` where there is no database server.
    pub(crate) fn start(settings: &[(&str, &str)]) -> Option<Self> {
        if !Engine::Mariadb.is_there() {
            return None;
        }
        let first = Server::with_settings(Engine::Mariadb, settings);
        let second = Server::start(another_home(&first, settings));
        Some(Self { first, second })
    }

    pub(crate) fn both(&self) -> [&Server; 2] {
        [&self.first, &self.second]
    }
}

/// Where another server lives on the database of that one. It keeps neither: the first is to outlive it.
pub(crate) fn another_home(server: &Server, settings: &[(&str, &str)]) -> Home {
    let mut home = Home::new(Engine::Sqlite);
    home.set_all(settings);
    home.set("SILLAGE__DATABASE__URL", &server.home().database_url());
    let key = server.home().data().join("root.key");
    home.set("SILLAGE__KEYS__ROOT_KEY_FILE", key.to_str().unwrap());
    let ledger = server.home().data().join("erasures.ledger");
    home.set("SILLAGE__PRIVACY__ERASURE_LEDGER", ledger.to_str().unwrap());
    home
}
