//! Log entries stored and read in one's own process, through the ports, without HTTP.
//!
//! `cargo run -p log-in-process` does so on a temporary SQLite file, checks what comes back, and ends.

use futures_executor::block_on;
use sillage_domain::{
    Arrival, Body, EntryId, Form, Limits, LogFilter, LogOrder, LogQuery, NewAccount, NewEntry,
    NewStudy, Outcome, PasswordHash, Ports, Study, StudyChange, StudySalt, StudyScope, StudyStatus,
    SubjectId, Submission, Timestamp, Validation, Window, parse,
};
use sillage_export::{Export, Profile, Reading, Shape};
use sillage_pseudonym::{Code, RootKey, random_bytes};
use sillage_store::{Store, StoreOptions};
use std::error::Error;
use std::num::{NonZeroU32, NonZeroU64};
use std::sync::Arc;
use uuid::Uuid;

/// What a game would have sent: the same text goes through the same rules.
const ENTRIES: &str = r#"[
  {"session":"s-81","sequence":0,"timestamp":"2024-05-18T10:17:30Z","action":"enter","payload":{"roomName":"salleForet"}},
  {"session":"s-81","sequence":1,"timestamp":"2024-05-18T10:17:33.109Z","action":"regionDeposer",
   "payload":{"userAnswer":"if(none){win}else{loose}"}},
  {"session":"s-81","sequence":2,"timestamp":"2024-05-18T12:17:41+02:00","action":"leave"}
]"#;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let url = format!("sqlite://{}", folder.path().join("sillage.db").display());
    let ports = Ports::of(Arc::new(Store::open(&StoreOptions::new(url))?));
    let (study, player) = prepare(&ports)?;

    // Stored: when the future resolves, the entries are on the disk.
    let outcomes = store(&ports, &study, player)?;
    println!("first:  {outcomes:?}");
    assert!(
        outcomes
            .iter()
            .all(|outcome| matches!(outcome, Outcome::Accepted(_)))
    );

    // Sent again, since the answer may have been lost: known, and stored once.
    let outcomes = store(&ports, &study, player)?;
    println!("again:  {outcomes:?}");
    assert!(
        outcomes
            .iter()
            .all(|outcome| matches!(outcome, Outcome::Duplicate(_)))
    );

    // Read back by page.
    let page = ports.logs.page(&LogQuery {
        scope: StudyScope::Only(vec![study.id]),
        filter: LogFilter::default(),
        order: LogOrder::Received,
        window: Window::Page(NonZeroU64::MIN),
        size: NonZeroU32::new(2).ok_or("a page has a size")?,
    })?;
    println!("page 1: {} of {:?} entries", page.entries.len(), page.total);
    assert_eq!(
        (page.entries.len(), page.total, page.more),
        (2, Some(3), true)
    );
    assert_eq!(page.entries[0].pseudonym, player);

    // And as CSV.
    let mut csv = Vec::new();
    let (filter, shape) = (LogFilter::default(), Shape::Csv(Profile::Analysis));
    let written = Export {
        logs: &*ports.logs,
        study: study.id,
        filter: &filter,
        shape,
        reading: Reading::default(),
    }
    .write(&mut csv)?;
    print!("{}", String::from_utf8(csv)?);
    assert_eq!(written.entries, 3);
    Ok(())
}

/// A study that is open, somebody to play in it, and the pseudonym under which his entries are stored.
fn prepare(ports: &Ports) -> Result<(Study, Code), Box<dyn Error>> {
    let now = Timestamp::now();
    let study = NewStudy {
        slug: "castle".parse()?,
        title: "The castle".into(),
        description: String::new(),
        game_url: None,
        validation: Validation::Quarantine,
        salt: StudySalt::new(random_bytes()?),
    };
    let study = ports.studies.create_study(&study, None, now)?;
    let open = StudyChange {
        status: Some(StudyStatus::Open),
        ..StudyChange::default()
    };
    let study = ports.studies.change_study(study.id, &open, None, now)?;
    let player = NewAccount {
        subject: SubjectId::new(random_bytes()?),
        username: "player-01".parse()?,
        // No password has this hash: nobody logs in here.
        password_hash: PasswordHash::new("!"),
    };
    let accounts = ports.accounts.enrol(study.id, &[player], now)?;

    // Who may link traces to accounts needs this key: keep it apart from the database.
    let root = RootKey::generate()?;
    let subject = accounts.first().ok_or("nobody was enrolled")?.subject;
    let pseudonym = root
        .study_key(study.salt.as_bytes())
        .pseudonym(subject.as_bytes());
    Ok((study, pseudonym))
}

/// Reads the text as the server would, and submits what it holds.
fn store(ports: &Ports, study: &Study, player: Code) -> Result<Vec<Outcome>, Box<dyn Error>> {
    let Body::Several(parsed) = parse(ENTRIES.as_bytes(), Form::Json, &Limits::default())? else {
        return Err("an array was sent".into());
    };
    let mut arrivals = Vec::new();
    for parsed in parsed {
        let content = parsed.entry.map_err(|misfit| format!("{misfit:?}"))?;
        // An entry without an id of the game gets one by its content, so that it is known when it comes again.
        let id: EntryId = content.id_or(Uuid::new_v4);
        arrivals.push(Arrival::Entry(NewEntry {
            study: study.id,
            pseudonym: player,
            id,
            content,
            codebook: None,
        }));
    }
    let submission = Submission {
        arrivals: arrivals.into(),
        received_at: Timestamp::now(),
        strict: false,
    };
    Ok(block_on(ports.writer.submit(submission))?)
}
