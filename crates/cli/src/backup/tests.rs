//! The form, written and read.

use super::*;
use crate::backup::read::read as read_file;
use proptest::prelude::*;
use sillage_domain::{ColumnKind, WholeColumn};
use std::io::Write;
use std::sync::OnceLock;

fn column(name: &str, kind: ColumnKind) -> WholeColumn {
    WholeColumn {
        name: name.into(),
        kind,
    }
}

fn state(rows: u64) -> WholeState {
    let columns = vec![
        column("number", ColumnKind::Integer),
        column("payload", ColumnKind::Text),
        column("entry_id", ColumnKind::Bytes),
        column("share", ColumnKind::Real),
    ];
    let table = |name: &str, rows| WholeTable {
        name: name.into(),
        columns: columns.clone(),
        rows,
        last_number: Some(9),
    };
    WholeState {
        engine: "sqlite".into(),
        migrations: vec!["0001".into()],
        fingerprint: Some("abcd".into()),
        ledger: None,
        epoch: Some("e".into()),
        tables: vec![table("empty", 0), table("log_entries", rows)],
    }
}

fn rows() -> Vec<Vec<Cell>> {
    let odd = "\u{0} \" \\ \n é 🦀 \u{2028}";
    let mut rows = vec![
        vec![
            Cell::Integer(i64::MIN),
            Cell::Text(odd.into()),
            Cell::Null,
            Cell::Real(0.1 + 0.2),
        ],
        vec![
            Cell::Integer(i64::MAX),
            Cell::Null,
            Cell::Bytes(vec![0, 255]),
            Cell::Null,
        ],
    ];
    for n in 1..41 {
        let text = Cell::Text(format!("entry {n}"));
        let bytes = Cell::Bytes(vec![n as u8; 16]);
        rows.push(vec![
            Cell::Integer(n),
            text,
            bytes,
            Cell::Real(1.0 / n as f64),
        ]);
    }
    rows
}

/// What came out again.
#[derive(Default)]
struct Kept(Vec<Vec<Cell>>);

impl WholeSink for Kept {
    fn begin(&mut self, _: &WholeState) -> Result<(), WholeError> {
        Ok(())
    }
    fn table(&mut self, _: &WholeTable) -> Result<(), WholeError> {
        Ok(())
    }
    fn row(&mut self, cells: Vec<Cell>) -> Result<(), WholeError> {
        self.0.push(cells);
        Ok(())
    }
    fn end(&mut self) -> Result<(), WholeError> {
        Ok(())
    }
}

/// A small archive.
struct Small;

impl WholeSource for Small {
    fn read(&mut self, to: &mut dyn WholeSink) -> Result<(), WholeError> {
        let rows = rows();
        let state = state(rows.len() as u64);
        to.begin(&state)?;
        to.table(&state.tables[0])?;
        to.table(&state.tables[1])?;
        rows.into_iter().try_for_each(|row| to.row(row))?;
        to.end()
    }
}

fn backup(to_key: Vec<String>) -> Vec<u8> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("b");
    let arguments = BackupArguments {
        to: Some(path.clone()),
        to_key,
    };
    let now = "2026-07-01T08:00:00Z".parse().unwrap();
    let mut out = Vec::new();
    run(
        &arguments,
        &mut Small,
        now,
        &mut Output::new(&mut out, false),
    )
    .unwrap();
    assert_eq!(
        fs::read_dir(dir.path()).unwrap().count(),
        1,
        "nothing else is left"
    );
    fs::read(path).unwrap()
}

fn read_bytes(bytes: &[u8], keys: &[seal::Key]) -> Result<Vec<Vec<Cell>>, CommandError> {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    let mut kept = Kept::default();
    read_file(file.path(), keys, Some(&mut kept)).map(|_| kept.0)
}

/// A backup, and one that is locked with its key.
fn both() -> &'static [(Vec<u8>, Option<age::x25519::Identity>); 2] {
    static BOTH: OnceLock<[(Vec<u8>, Option<age::x25519::Identity>); 2]> = OnceLock::new();
    BOTH.get_or_init(|| {
        let key = age::x25519::Identity::generate();
        let locked = backup(vec![key.to_public().to_string()]);
        [(backup(Vec::new()), None), (locked, Some(key))]
    })
}

fn keys(key: Option<&age::x25519::Identity>) -> Vec<seal::Key> {
    key.into_iter()
        .map(|key| Box::new(key.clone()) as seal::Key)
        .collect()
}

#[test]
fn what_was_written_is_read_back_to_the_letter() {
    for (bytes, key) in both() {
        assert_eq!(read_bytes(bytes, &keys(key.as_ref())).unwrap(), rows());
    }
}

#[test]
fn a_locked_backup_shows_nothing_and_opens_to_nobody_else() {
    let (bytes, _) = &both()[1];
    assert!(!bytes.windows(5).any(|window| window == b"entry"));
    let fault = |keys: &[seal::Key]| match read_bytes(bytes, keys).unwrap_err() {
        CommandError::Backup { fault, .. } => fault,
        other => panic!("{other:?}"),
    };
    assert!(matches!(fault(&[]), BackupFault::Locked));
    let other = age::x25519::Identity::generate();
    assert!(matches!(
        fault(&keys(Some(&other))),
        BackupFault::OtherKey(_)
    ));
}

#[test]
fn a_key_that_is_none_is_a_slip_of_the_pen() {
    let refused = Lock::of(&["age1nonsense".into()]).map(drop).unwrap_err();
    assert_eq!(refused.exit_code(), 2);
}

#[test]
fn another_file_and_a_newer_form_are_told_apart() {
    let fault = |bytes: &[u8]| match read_bytes(bytes, &[]).unwrap_err() {
        CommandError::Backup { fault, .. } => fault,
        other => panic!("{other:?}"),
    };
    assert!(matches!(fault(b""), BackupFault::None));
    assert!(matches!(fault(&[b'x'; 500]), BackupFault::None));
    let mut newer = b"sillage-backup 7\n".to_vec();
    newer.extend([0; 200]);
    assert!(matches!(fault(&newer), BackupFault::NewerForm(form) if form == "7"));
}

#[test]
fn a_table_that_gives_fewer_rows_than_it_has_makes_no_backup() {
    struct Short;
    impl WholeSource for Short {
        fn read(&mut self, to: &mut dyn WholeSink) -> Result<(), WholeError> {
            let state = state(2);
            to.begin(&state)?;
            to.table(&state.tables[0])?;
            to.table(&state.tables[1])?;
            to.row(rows().remove(0))?;
            to.end()
        }
    }
    let dir = tempfile::tempdir().unwrap();
    let arguments = BackupArguments {
        to: Some(dir.path().join("b")),
        to_key: Vec::new(),
    };
    let now = "2026-07-01T08:00:00Z".parse().unwrap();
    let mut out = Vec::new();
    let done = run(
        &arguments,
        &mut Short,
        now,
        &mut Output::new(&mut out, false),
    );
    assert!(matches!(done, Err(CommandError::Whole(_))), "{done:?}");
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
}

proptest! {
    #[test]
    fn a_byte_that_was_changed_in_any_place_is_found(which in 0..2_usize, place in any::<prop::sample::Index>(), change in 1..=255_u8) {
        let (bytes, key) = &both()[which];
        let mut changed = bytes.clone();
        let place = place.index(changed.len());
        changed[place] ^= change;
        prop_assert!(read_bytes(&changed, &keys(key.as_ref())).is_err(), "byte {place} of {}", bytes.len());
    }

    #[test]
    fn a_backup_that_was_cut_off_or_added_to_is_found(which in 0..2_usize, place in any::<prop::sample::Index>(), more in any::<bool>()) {
        let (bytes, key) = &both()[which];
        let mut changed = bytes.clone();
        match more {
            true => changed.extend_from_slice(&bytes[..=place.index(bytes.len())]),
            false => changed.truncate(place.index(bytes.len())),
        }
        prop_assert!(read_bytes(&changed, &keys(key.as_ref())).is_err());
    }
}

#[test]
fn every_single_byte_counts() {
    let (bytes, _) = &both()[0];
    for place in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[place] ^= 1;
        assert!(read_bytes(&changed, &[]).is_err(), "byte {place}");
    }
}
