//! `sillage migrate`, over migrations that are kept in a list.

use sillage_cli::migrate::{Migration, Migrations, run};
use sillage_cli::{MigrateCommand, Output};

struct List(Vec<Migration>);

impl List {
    fn new() -> Self {
        let one = |name: &str, applied| Migration {
            name: name.to_owned(),
            applied,
        };
        Self(vec![one("0001_studies", true), one("0002_logs", false)])
    }
}

impl Migrations for List {
    fn list(&mut self) -> Result<Vec<Migration>, Box<dyn std::error::Error + Send + Sync>> {
        Ok(self.0.clone())
    }

    fn run(&mut self) -> Result<Vec<String>, Box<dyn std::error::Error + Send + Sync>> {
        let open = self.0.iter_mut().filter(|migration| !migration.applied);
        Ok(open
            .map(|migration| {
                migration.applied = true;
                migration.name.clone()
            })
            .collect())
    }
}

fn printed(command: Option<MigrateCommand>, list: &mut List) -> String {
    let mut printed = Vec::new();
    run(command, list, &mut Output::new(&mut printed, false)).unwrap();
    String::from_utf8(printed).unwrap()
}

#[test]
fn show_runs_nothing() {
    let mut list = List::new();
    let text = printed(Some(MigrateCommand::Show), &mut list);
    assert_eq!(text, "run before  0001_studies\nnot run     0002_logs\n");
    assert_eq!(list.0, List::new().0);
}

#[test]
fn without_a_word_what_was_not_run_is_run() {
    let mut list = List::new();
    assert_eq!(
        printed(None, &mut list),
        "run before  0001_studies\nrun now     0002_logs\n"
    );
    assert_eq!(
        printed(None, &mut list),
        "run before  0001_studies\nrun before  0002_logs\n"
    );
}
