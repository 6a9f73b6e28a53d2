//! `sillage pseudonymise` in a pipe: files of every kind, rules of every kind, and the vectors that others compute too.

use crate::support::home::Finished;
use crate::support::{Engine, Home};
use serde_json::Value;
use sillage_pseudonym::{Code, RootKey};
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;

const RULES: &str = r#"
format = 1
study = "castle"

[fields]
username = { rule = "pseudonymise", reason = "to follow a player without knowing who" }
age = { rule = "bucket", width = 5, reason = "an exact age and a class point at a pupil" }
when = { rule = "date-shift", days = 60, whole_weeks = true, group = "username", reason = "a date and a class point at a lesson" }
answer = { rule = "scrub-text", reason = "pupils write names" }
level = { rule = "keep", reason = "it says nothing about anybody" }
"#;
const ROSTER: &str = "first_name,last_name,login\nZoé,Müller,zmueller\nMarie,Dupont,mdupont\n";
const KEY: &str = "0e9b1c7f5d2a486390b7e4c1f8a35d626b94d0e7182f3c5ba9e6741d08f5c2b3\n";
const HEADER: &str = "username,age,when,answer,level,email\n";

/// A folder with rules, a roster and a key.
fn place() -> Home {
    let home = Home::new(Engine::Sqlite);
    let write = |name: &str, text: &str| fs::write(home.folder().join(name), text).unwrap();
    write("rules.toml", RULES);
    write("roster.csv", ROSTER);
    write("key", KEY);
    close_to_others(&home.folder().join("key"), 0o600);
    home
}

fn close_to_others(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// Runs the command on that input.
fn pipe(home: &Home, words: &[&str], input: impl Into<Vec<u8>>) -> Finished {
    let mut command = home.command(&[&["pseudonymise"], words].concat());
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.into();
    let writer = thread::spawn(move || {
        // Whoever refuses does not read to the end.
        let _ = stdin.write_all(&input);
    });
    let finished = child.wait_with_output().unwrap().into();
    writer.join().unwrap();
    finished
}

const WORDS: [&str; 6] = [
    "--rules",
    "rules.toml",
    "--roster",
    "roster.csv",
    "--key-file",
    "key",
];

#[test]
fn a_csv_goes_through_the_pipe_and_the_reasons_are_printed() {
    let home = place();
    let input = format!(
        "{HEADER}mdupont,13,2024-05-18T10:17:33Z,Zoe aide m@x.ch,3,m@x.ch\nzmueller,?,2024-05-18,\"a, \"\"b\"\"\nc\",4,\n"
    );
    let done = pipe(&home, &WORDS, input);
    assert_eq!(done.code, Some(0), "{done:?}");
    let key = RootKey::parse(KEY).unwrap();
    let code = key
        .purpose_key("pseudonym", "castle", 1)
        .pseudonym("username", "mdupont");
    let mut lines = done.stdout.lines();
    assert_eq!(lines.next(), Some("username,age,when,answer,level"));
    let first: Vec<&str> = lines.next().unwrap().split(',').collect();
    assert_eq!((first[0], first[1]), (code.to_string().as_str(), "10..15"));
    assert!(
        first[2].ends_with("T10:17:33Z") && !first[2].starts_with("2024-05-18"),
        "{first:?}"
    );
    assert_eq!((first[3], first[4]), ("[name] aide [email]", "3"));
    assert!(done.stdout.ends_with("\"a, \"\"b\"\"\nc\",4\n"), "{done:?}");
    for told in [
        "to follow a player without knowing who",
        "1 of 2 values emptied; in line 3, it is no number",
        "dropped, since no rule names them: email",
        "rows: 2",
        &key.fingerprint().to_string(),
    ] {
        assert!(done.stderr.contains(told), "{told}: {}", done.stderr);
    }
    // Neither a value nor the key is told.
    assert!(!done.stderr.contains("mdupont") && !done.stderr.contains(KEY.trim()));
    assert_eq!(
        pipe(&home, &[&WORDS[..], &["--quiet"]].concat(), HEADER).stderr,
        ""
    );
}

#[test]
fn ndjson_is_known_by_its_brace_and_nobody_of_the_roster_is_left() {
    let home = place();
    let input = "{\"username\":\"mdupont\",\"answer\":{\"text\":[\"ZO\\u00c9!\",\"M\\u00dcLLER et Mueller\"],\"marie\":1},\"level\":2.50}\n";
    let done = pipe(&home, &[&["--json"], &WORDS[..]].concat(), input.repeat(3));
    assert_eq!(done.code, Some(0), "{done:?}");
    for line in done.stdout.lines() {
        let row: Value = serde_json::from_str(line).unwrap();
        assert_eq!(
            row["answer"]["text"],
            serde_json::json!(["[name]!", "[name] et [name]"])
        );
        assert!(line.contains("\"level\":2.50"));
        assert!(row["username"].as_str().unwrap().parse::<Code>().is_ok());
        assert!(!line.to_lowercase().contains("marie"));
    }
    assert_eq!(done.stdout.lines().count(), 3);
    let report: Value = serde_json::from_str(&done.stderr).unwrap();
    assert_eq!(
        (&report["rows"], &report["roster"]["people"]),
        (&3.into(), &2.into())
    );
    assert_eq!(
        report["fields"][0]["reasons"][0],
        "to follow a player without knowing who"
    );
}

#[test]
fn the_key_is_that_of_the_file_or_of_the_server_and_there_must_be_one() {
    let home = place();
    let words = &WORDS[..4];
    let refused = pipe(&home, words, HEADER);
    assert_eq!((refused.code, refused.stdout.as_str()), (Some(1), ""));
    assert!(
        refused.stderr.contains("openssl rand -hex 32") && refused.stderr.contains("--key-file"),
        "{refused:?}"
    );
    // Nothing was made for it.
    assert!(!home.data().exists());

    home.done(&["study", "create", "castle"]);
    let input = format!("{HEADER}a,,,,,\n");
    let of_server = pipe(&home, words, input.clone());
    assert_eq!(of_server.code, Some(0), "{of_server:?}");
    let file = home.data().join("root.key");
    let of_file = pipe(
        &home,
        &[words, &["--key-file", file.to_str().unwrap()]].concat(),
        input.clone(),
    );
    assert_eq!(of_server.stdout, of_file.stdout);
    assert_ne!(of_server.stdout, pipe(&home, &WORDS, input.clone()).stdout);

    close_to_others(&home.folder().join("key"), 0o644);
    let refused = pipe(&home, &WORDS, input.clone());
    assert_eq!((refused.code, refused.stdout.as_str()), (Some(1), ""));
    assert!(refused.stderr.contains("chmod 600"), "{refused:?}");
    fs::write(home.folder().join("key"), "0".repeat(64)).unwrap();
    close_to_others(&home.folder().join("key"), 0o600);
    let refused = pipe(&home, &WORDS, input);
    assert!(
        refused.code == Some(1) && refused.stderr.contains("repeats one byte"),
        "{refused:?}"
    );
}

#[test]
fn rules_without_a_secret_need_no_key() {
    let home = place();
    fs::write(
        home.folder().join("few.json"),
        r#"{"format":1,"study":"castle","others":"keep","fields":{"answer":{"rule":"scrub-text","reason":"r"}}}"#,
    )
    .unwrap();
    let done = pipe(
        &home,
        &["--rules", "few.json"],
        format!("{HEADER}a,1,2,m@x.ch,3,4\n"),
    );
    assert_eq!(done.stdout, format!("{HEADER}a,1,2,[email],3,4\n"));
    assert!(
        done.stderr.contains("no roster") && done.stderr.contains("kept, since no rule names them"),
        "{done:?}"
    );
    assert!(!home.data().exists());
}

#[test]
fn what_is_wrong_with_rules_and_rosters_is_told_with_its_place() {
    let home = place();
    fs::write(
        home.folder().join("bad.toml"),
        "format = 1\nstudy = \"x\"\n[fields]\na = { rule = \"dorp\", reason = \"r\" }\n",
    )
    .unwrap();
    let refused = pipe(&home, &["--rules", "bad.toml"], HEADER);
    assert_eq!((refused.code, refused.stdout.as_str()), (Some(1), ""));
    assert!(
        refused.stderr.contains(
            "bad.toml:4:14: /fields/a/rule: there is no `dorp` here; did you mean `drop`?"
        ),
        "{refused:?}"
    );
    assert!(refused.stderr.contains("bad.toml: 1 fault"), "{refused:?}");
    fs::write(home.folder().join("roster.csv"), "class\n7P\n").unwrap();
    let refused = pipe(&home, &WORDS, HEADER);
    assert!(
        refused.code == Some(1)
            && refused
                .stderr
                .contains("roster.csv: the roster has no column"),
        "{refused:?}"
    );
    let refused = pipe(&home, &["--rules", "nowhere.toml"], HEADER);
    assert!(
        refused.code == Some(1) && refused.stderr.contains("nowhere.toml"),
        "{refused:?}"
    );
}

#[test]
fn rules_are_shown_without_reading_anything() {
    let home = place();
    let shown = home.done(&["pseudonymise", "--rules", "rules.toml", "--check"]);
    assert!(
        shown.contains("date-shift") && shown.contains("a date and a class point at a lesson"),
        "{shown}"
    );
    let shown: Value = serde_json::from_str(&home.done(&[
        "--json",
        "pseudonymise",
        "--rules",
        "rules.toml",
        "--check",
    ]))
    .unwrap();
    assert_eq!(shown["fields"][1]["rules"][0], "bucket");
}

#[test]
fn what_is_asked_for_wrongly_ends_with_2() {
    let home = place();
    for words in [
        &["pseudonymise"][..],
        &["pseudonymise", "--rules", "rules.toml", "--delimiter", "ab"],
        &["pseudonymise", "--rules", "rules.toml", "--format", "xml"],
    ] {
        let finished = home.run(words);
        assert_eq!(
            (finished.code, finished.stdout.as_str()),
            (Some(2), ""),
            "{finished:?}"
        );
    }
}

#[test]
fn a_row_that_can_not_be_read_ends_it_with_its_line_and_the_rows_before_stay() {
    let home = place();
    let row = "a,13,2024-05-18,x,1,y\n";
    for (bad, expected) in [
        (
            "b,14\n",
            "line 4: it has 2 values, and the first line has 6",
        ),
        ("b,14,2024-05-18,\"x,1,y\n", "line 4: "),
        ("b,14,2024-05-18,\u{1}x\u{ff},1\n", "line 4: "),
    ] {
        let done = pipe(&home, &WORDS, format!("{HEADER}{row}{row}{bad}"));
        assert_eq!(done.code, Some(1), "{done:?}");
        assert!(done.stderr.contains(expected), "{done:?}");
        assert_eq!(done.stdout.lines().count(), 3, "{done:?}");
    }
    let done = pipe(
        &home,
        &WORDS,
        [HEADER.as_bytes(), row.as_bytes(), b"\xe9,1,2,3,4,5\n"].concat(),
    );
    assert!(
        done.stderr.contains("line 3: column 1 is no UTF-8"),
        "{done:?}"
    );
    let done = pipe(&home, &WORDS, "{\"level\":1}\n{\"level\":2,}\n");
    assert!(
        done.code == Some(1) && done.stderr.contains("line 2: it is no JSON object"),
        "{done:?}"
    );
    assert_eq!(done.stdout, "{\"level\":1}\n");
    let done = pipe(&home, &WORDS, "username,age\n");
    assert!(
        done.code == Some(1) && done.stderr.contains("there is no column `when`"),
        "{done:?}"
    );
}

#[test]
fn marks_line_ends_and_empty_files_are_understood() {
    let home = place();
    let done = pipe(&home, &WORDS, "");
    assert_eq!((done.code, done.stdout.as_str()), (Some(0), ""), "{done:?}");
    let done = pipe(&home, &WORDS, HEADER);
    assert_eq!(done.stdout, "username,age,when,answer,level\n");
    let crlf = format!("\u{feff}{HEADER}a,7,2024-05-18,\"x\n y\",1,z\n").replace('\n', "\r\n");
    let done = pipe(&home, &WORDS, crlf);
    assert!(
        done.code == Some(0)
            && done.stdout.starts_with("username,")
            && done.stdout.ends_with("\"x\r\n y\",1\n"),
        "{done:?}"
    );
    let semicolons = HEADER.replace(',', ";") + "a;7;2024-05-18;x,y;1;z\n";
    let done = pipe(
        &home,
        &[&WORDS[..], &["--delimiter", ";"]].concat(),
        semicolons,
    );
    assert!(
        done.stdout.contains(";5..10;") && done.stdout.ends_with("x,y;1\n"),
        "{done:?}"
    );
}

#[test]
fn a_reader_who_has_had_enough_is_no_failure() {
    let home = place();
    let mut command = home.command(&[&["pseudonymise"], &WORDS[..]].concat());
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let mut first = String::new();
    let mut stdout = BufReader::with_capacity(16, child.stdout.take().unwrap());
    let rows = format!("{HEADER}{}", "a,13,2024-05-18,x,1,y\n".repeat(20_000));
    let writer = thread::spawn(move || stdin.write_all(rows.as_bytes()));
    stdout.read_line(&mut first).unwrap();
    drop(stdout);
    assert_eq!(first, "username,age,when,answer,level\n");
    assert_eq!(child.wait().unwrap().code(), Some(0));
    let _ = writer.join().unwrap();
}

/// The most memory that the command ever had while it read so many rows, in KiB; and how many it wrote.
fn peak(home: &Home, rows: u64, row: impl Fn(u64) -> String) -> (u64, u64) {
    let mut command = home.command(&[&["pseudonymise", "--quiet"], &WORDS[..]].concat());
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let stdout = child.stdout.take().unwrap();
    let counter =
        thread::spawn(move || BufReader::new(stdout).lines().map(Result::unwrap).count() as u64);
    if !row(0).starts_with('{') {
        stdin.write_all(HEADER.as_bytes()).unwrap();
    }
    let mut chunk = String::new();
    for n in 0..rows {
        chunk.push_str(&row(n));
        if n % 500 == 499 || n + 1 == rows {
            stdin.write_all(chunk.as_bytes()).unwrap();
            chunk.clear();
        }
    }
    // It has read all but what a pipe holds.
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
    let peak = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .unwrap();
    let peak = peak.trim().trim_end_matches(" kB").parse().unwrap();
    drop(stdin);
    assert!(child.wait().unwrap().success());
    (peak, counter.join().unwrap())
}

#[cfg(target_os = "linux")]
#[test]
fn memory_does_not_grow_with_the_rows_and_none_is_lost() {
    let home = place();
    let csv = |n: u64| {
        format!(
            "pupil-{n},{},2024-05-{:02}T10:17:33Z,\"réponse {n}\nde Marie\",{n},x\n",
            n % 90,
            n % 28 + 1
        )
    };
    let json = |n: u64| {
        format!(
            "{{\"username\":\"pupil-{n}\",\"age\":{},\"answer\":\"réponse {n} de Marie\",\"level\":{n}}}\n",
            n % 90
        )
    };
    let (small, lines) = peak(&home, 5_000, csv);
    assert_eq!(lines, 2 * 5_000 + 1);
    let (large, lines) = peak(&home, 120_000, csv);
    assert_eq!(lines, 2 * 120_000 + 1);
    assert!(
        large < small + 4096,
        "{small} KiB for 5,000 rows, {large} KiB for 120,000"
    );
    let (large, lines) = peak(&home, 100_000, json);
    assert_eq!(lines, 100_000);
    assert!(
        large < small + 4096,
        "{small} KiB for 5,000 rows of CSV, {large} KiB for 100,000 lines of NDJSON"
    );
}

#[test]
fn the_vectors_of_the_documentation_are_ours_and_a_short_script_computes_them_too() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/privacy");
    let vectors = fs::read_to_string(folder.join("pseudonym-vectors.json")).unwrap();
    let vectors: Vec<Value> = serde_json::from_str(&vectors).unwrap();
    let mut codes = Vec::new();
    for vector in &vectors {
        let text = |name: &str| vector[name].as_str().unwrap();
        let byte =
            |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
        let root: Vec<u8> = text("root_key").as_bytes().chunks(2).map(byte).collect();
        let version = u32::try_from(vector["version"].as_u64().unwrap()).unwrap();
        let key = RootKey::from_bytes(root.try_into().unwrap()).purpose_key(
            text("purpose"),
            text("study"),
            version,
        );
        let texts: Vec<[String; 2]> = serde_json::from_value(vector["texts"].clone()).unwrap();
        let number = key.number(
            texts
                .iter()
                .map(|[kind, text]| (kind.as_str(), text.as_str())),
        );
        assert_eq!(number, vector["number"].as_u64().unwrap(), "{vector}");
        let code = Code::from_u64(number >> 4).unwrap().to_string();
        assert_eq!(code, text("pseudonym"), "{vector}");
        if let [[kind, text]] = &texts[..] {
            assert_eq!(key.pseudonym(kind, text).to_string(), code);
        }
        codes.push(code);
    }
    assert!(codes.len() >= 10);
    let mut script = Command::new("python3");
    let output = script
        .arg(folder.join("pseudonyms.py"))
        .output()
        .expect("python3 must be installed for this test");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let printed = String::from_utf8(output.stdout).unwrap();
    let printed: Vec<&str> = printed
        .lines()
        .map(|line| line.split(' ').next().unwrap())
        .collect();
    assert_eq!(printed, codes);
    let mut text = String::new();
    fs::File::open(folder.join("pseudonyms.py"))
        .unwrap()
        .read_to_string(&mut text)
        .unwrap();
    assert!(text.lines().filter(|line| !line.is_empty()).count() <= 20);
}
