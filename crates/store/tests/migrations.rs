//! A migration once released is never edited: databases have run it. Something new is a new migration, and a new line here.

use sha2::{Digest, Sha256};
use std::fmt::Write;
use std::fs;
use std::path::Path;

#[test]
fn no_migration_was_edited() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = String::new();
    for engine in ["mysql", "sqlite"] {
        let folder = root.join("migrations").join(engine);
        let mut names: Vec<_> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        names.sort();
        for path in names {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            for file in ["up.sql", "down.sql"] {
                let sum = Sha256::digest(fs::read(path.join(file)).unwrap());
                let hex: String = sum
                    .iter()
                    .take(16)
                    .map(|byte| format!("{byte:02x}"))
                    .collect();
                writeln!(found, "{hex} {engine}/{name}/{file}").unwrap();
            }
        }
    }
    let known = include_str!("migrations.sums");
    assert_eq!(found, known, "the sums are in tests/migrations.sums");
}
