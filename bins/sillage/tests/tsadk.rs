//! A game that used the TSADK collector goes on with Sillage: the old database is brought over, and nothing is changed but the address.

mod import;
mod session;

use crate::support::old_collector::OldCollector;
use crate::support::raw::Request;
use crate::support::{Engine, Home};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

/// Hashes as passlib and crypt(3) make them, of `carte-2` and `carte-7`.
const CARD_2: &str = "$6$rounds=1000$sel2$3YrXobE32oCZQ7vA8TiAbW9j9VA9C5vmRNqbtEOPBIB9q6DsND9nvA0dnh76pXQwXk0dzs1jLzaMZDbqCjEV6/";
const CARD_7: &str = "$6$sel7$BzVC7CmGnaMsB.2TkdBXERTTkA43vb.gpAR59vdTgCvUE96bqvBzi.rqLu480QjlsrI687Y8wj.Mpy3ubV9AA.";

/// A class, with everything wrong that can be wrong with one.
fn old_collector(engine: Engine, home: &Home) -> OldCollector {
    let cut_off = &CARD_2[..64];
    let statements = format!(
        "INSERT INTO users VALUES
            (1, 'chercheuse', '{CARD_2}', 'admin'), (2, 'joueur-2', '{CARD_2}', 'user'), (3, 'Joueur-3', '{cut_off}', 'user'),
            (4, 'joueur-3', '{CARD_7}', 'user'), (5, 'joueur 5', '{CARD_7}', 'user'),
            (6, 'joueur-6', 'pbkdf2:sha256:260000$salt$00', NULL), (7, 'JOUEUR-7', '{CARD_7}', NULL), (8, NULL, NULL, NULL);
         INSERT INTO logs VALUES
            (11, 2, '2023-04-18T10:17.109Z', 9, 'salleForet', 'mettre_main', 'regionDeposer', 'incorrect', 'if(none){{win}}else{{loose}}'),
            (12, 2, NULL, 10, 'salleForet', 'mettre_main', 'regionDeposer', NULL, NULL),
            (13, 99, '2023-04-18T10:18:00Z', 1, NULL, NULL, 'regionDeposer', NULL, 'of nobody'),
            (14, NULL, '2023-04-18T10:18:01Z', 2, NULL, NULL, 'regionDeposer', NULL, NULL),
            (15, 7, '2023-04-18 10:20:00', 1, 'crypte', 'lire', 'porteOuvrir', NULL, 'l''été « 🙂 »'),
            (16, 7, 'hier', 2, 'crypte', 'lire', 'porteOuvrir', NULL, NULL),
            (17, 7, '2023-04-18T10:21:00Z', 3, 'crypte', 'lire', 'porteOuvrir', '', '=1+1'),
            (18, 4, '2023-04-18T10:22:00Z', 1, NULL, NULL, 'porteOuvrir', NULL, NULL);"
    );
    OldCollector::new(engine, home.folder(), &statements)
}

/// A home as the team would set it up.
fn home(engine: Engine) -> Home {
    let mut home = Home::new(engine);
    home.set("SILLAGE__SERVER__BASE_PATH", "/tsadk/api");
    home.set("SILLAGE__SERVER__DEFAULT_STUDY", "tsadk");
    home
}

fn import(home: &Home, old: &OldCollector, more: &[&str]) -> serde_json::Value {
    let mut words = vec![
        "--json",
        "import",
        "tsadk",
        old.source(),
        "--study",
        "tsadk",
    ];
    words.extend(more);
    serde_json::from_str(&home.done(&words)).unwrap()
}

/// A request as the game makes it: a name and password, or a token in the place of the name.
fn basic(method: &str, path: &str, name: &str, password: &str) -> Request {
    let pair = BASE64_STANDARD.encode(format!("{name}:{password}"));
    Request::new(method, &format!("/tsadk/api{path}"))
        .header("Authorization", &format!("Basic {pair}"))
}
