//! The commands of the pages for researchers, teachers, players and officers, in both languages, one page after the other, on one server.
//!
//! Pages that begin with a build are walked through by `scripts/walkthrough`. `documentation/commands.rs` finds commands that nothing runs.

use crate::support::class::{ADMIN_PASSWORD, token};
use crate::support::{Engine, Home, Server, engines};
use std::fs;
use std::path::Path;

const MARK: &str = "<!-- run by: bins/sillage/tests/commands_of_pages.rs -->";

engines! {
    the_commands_of_the_english_pages_work
    the_commands_of_the_french_pages_work
}

/// What a manager says of the study before the pages about identities and consent can be followed.
const SAID: &str = r#"{"legal_regimes":["LIPAD"],"controllers":[{"name":"University"}],
    "contact":{"name":"The team","email":"team@example.org"},"purpose":"how people learn","recipients":[],
    "retention":{"months":60},"ethics_reference":"17","identity":["first_name","email","guardian_email"],
    "consent_purposes":["collection","publication"]}"#;

/// The blocks of commands of a page that say that they are run here.
fn blocks(page: &str) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../docs")
        .join(page);
    let text = fs::read_to_string(&path).unwrap();
    let marked = text.split(MARK).skip(1);
    let blocks = marked.map(|rest| {
        let (_, block) = rest.split_once("```sh\n").unwrap();
        block.split_once("```").unwrap().0
    });
    let blocks: Vec<_> = blocks.map(str::to_owned).collect();
    assert!(!blocks.is_empty(), "{page} has none");
    blocks
}

/// All of them.
fn commands(page: &str) -> String {
    blocks(page).concat()
}

/// A server that somebody follows pages on, and what they have in their shell.
struct Reader {
    server: Server,
    before: String,
}

impl Reader {
    fn new(engine: Engine) -> Self {
        let server = Server::start(Home::new(engine));
        let (base, admin) = (
            server.base(),
            token(server.address(), "admin", ADMIN_PASSWORD),
        );
        let binary = env!("CARGO_BIN_EXE_sillage");
        let before = format!(
            "sillage() {{ '{binary}' \"$@\"; }}\n\
             curl() {{ command curl -sS --fail-with-body -w '\\n' \"$@\"; }}\n\
             URL={base}; ADMIN={admin}; TOKEN=$ADMIN; JETON=$ADMIN\n"
        );
        Self { server, before }
    }

    /// Types these lines; gives back what was printed.
    fn types(&mut self, lines: &str) -> String {
        let mut lines = lines.to_owned();
        for outside in ["traces", "server", "serveur"] {
            let outside = format!("https://{outside}.example.org");
            lines = lines.replace(&outside, &self.server.base());
        }
        let script = format!("{}{lines}", self.before);
        let finished = self.server.home().shell(&script);
        assert_eq!(
            finished.code,
            Some(0),
            "{lines}\n{finished:?}\n{}",
            self.server.said()
        );
        finished.stdout
    }

    fn follows(&mut self, page: &str) -> String {
        self.types(&commands(page))
    }

    /// The password on a card.
    fn card(&self, file: &str, username: &str) -> String {
        let path = self.server.home().folder().join(file);
        let accounts = fs::read_to_string(path).unwrap();
        let line = accounts
            .lines()
            .find_map(|line| line.strip_prefix(username))
            .unwrap();
        line.trim_start_matches(',').to_owned()
    }
}

/// The pages of one language, and those that are in English alone.
struct Pages {
    researchers: &'static str,
    accounts: &'static str,
    teachers: &'static str,
    players: &'static str,
    officers: &'static str,
    papers: &'static str,
    others: &'static [&'static str],
}

fn the_commands_of_the_english_pages_work(engine: Engine) {
    follow(
        engine,
        &Pages {
            researchers: "for-researchers.md",
            accounts: "accounts.csv",
            teachers: "for-teachers.md",
            players: "for-players.md",
            officers: "data-protection.md",
            papers: "papers",
            others: &[
                "operation.md",
                "privacy/vault.md",
                "privacy/consent.md",
                "privacy/erasure.md",
            ],
        },
    );
}

fn the_commands_of_the_french_pages_work(engine: Engine) {
    follow(
        engine,
        &Pages {
            researchers: "fr/pour-les-chercheurs.md",
            accounts: "comptes.csv",
            teachers: "fr/pour-les-enseignants.md",
            players: "fr/pour-les-joueurs.md",
            officers: "fr/protection-des-donnees.md",
            papers: "documents",
            others: &["fr/inscrire-un-jeu.md"],
        },
    );
}

fn follow(engine: Engine, pages: &Pages) {
    let mut reader = Reader::new(engine);
    // The rest of it is about who participants are, which the study has to say first that it keeps.
    let (course, people) = blocks(pages.researchers)
        .split_first()
        .map(|(a, b)| (a.clone(), b.concat()))
        .unwrap();
    reader.types(&course);
    let folder = reader.server.home().folder().to_owned();
    assert!(
        fs::read_to_string(folder.join("castle.csv"))
            .unwrap()
            .starts_with("number,")
    );
    reader.types("sillage study open castle");
    fs::write(folder.join("notice.fr.md"), "# Ce que nous gardons").unwrap();
    reader.types(&format!(
        "curl -X PUT \"$URL/v1/studies/castle/notice?language=fr\" -H \"Authorization: Bearer $ADMIN\" \
         -H 'Content-Type: text/markdown' --data-binary @notice.fr.md\n\
         curl -X PATCH $URL/v1/studies/castle -H \"Authorization: Bearer $ADMIN\" -H 'Content-Type: application/json' -d '{SAID}'"
    ));
    for list in ["class.csv", "classe.csv"] {
        fs::write(
            folder.join(list),
            "username,first_name\nclasse-c-01,Chiara\n",
        )
        .unwrap();
    }
    reader.types(&people);
    let card = reader.card(pages.accounts, "classe-a-01");
    let player = token(reader.server.address(), "classe-a-01", &card);
    reader.before.push_str(&format!("PLAYER={player}\n"));
    let seen = reader.follows(pages.teachers);
    assert!(
        seen.contains("\"connected\": true") || seen.contains("\"connected\":true"),
        "{seen}"
    );
    for page in pages.others {
        reader.follows(page);
    }
    reader.follows(pages.officers);
    assert!(folder.join(pages.papers).read_dir().unwrap().count() >= 3);
    // Two players, since each of the two ways to leave is the last.
    let second = reader.card(pages.accounts, "classe-a-02");
    let typed = commands(pages.players)
        .replace(
            "-u classe-a-01 -X DELETE \"https://server.example.org/v1/me?mode=erase\"",
            "-u classe-a-02 -X DELETE \"https://server.example.org/v1/me?mode=erase\"",
        )
        .replace(
            "-u classe-a-01 -X DELETE \"https://serveur.example.org/v1/me?mode=erase\"",
            "-u classe-a-02 -X DELETE \"https://serveur.example.org/v1/me?mode=erase\"",
        )
        .replace("-u classe-a-01", &format!("-u 'classe-a-01:{card}'"))
        .replace("-u classe-a-02", &format!("-u 'classe-a-02:{second}'"));
    let told = reader.types(&typed);
    assert!(told.contains("Chiara"), "{told}");
    let gone = reader
        .types("curl $URL/v1/studies/castle/participants -H \"Authorization: Bearer $ADMIN\"");
    assert!(
        gone.contains("classe-a-03")
            && !gone.contains("classe-a-01")
            && !gone.contains("classe-a-02"),
        "{gone}"
    );
}
