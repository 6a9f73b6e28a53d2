//! Lists of participants, given to the real command.

use crate::dice::Dice;
use crate::mutate;
use crate::parsers::corpus;
use crate::support::class::Class;
use crate::support::raw::Request;
use crate::support::{Engine, Server};
use serde_json::json;

/// Gives it the corpus as it is, and then so many changed files; tells how many were good. Panics if the command broke, or did what it was told only to try.
pub(crate) fn play(seed: u64, count: usize) -> String {
    let server = Server::with_settings(Engine::Sqlite, &[]);
    let class = Class::new(server.address(), "open", 1);
    // A draft may ask for identities before it says what for.
    for (method, path, body) in [
        (
            "POST",
            "/v1/studies",
            json!({"slug": "lists", "title": "Lists"}),
        ),
        (
            "PATCH",
            "/v1/studies/lists",
            json!({"identity": ["name", "first_name", "email"]}),
        ),
    ] {
        let request = class.admin(method, path).json(body.to_string());
        let answer = request.send(class.server);
        assert!(answer.status < 300, "{}", answer.text());
    }
    let corpus = corpus("import");
    let path = server.home().folder().join("list.csv");
    let words = [
        "participants",
        "import",
        "--study",
        "lists",
        "--dry-run",
        path.to_str().unwrap(),
    ];
    let mut good = 0;
    for n in 0..corpus.len() + count {
        let mut dice = Dice::new(
            seed.wrapping_add(n as u64)
                .wrapping_mul(0x9e37_79b9_7f4a_7c15),
        );
        let input = match corpus.get(n) {
            Some(file) => file.clone(),
            None => {
                let file = &corpus[dice.below(corpus.len())];
                mutate::bytes(&mut dice, file, &corpus)
            }
        };
        std::fs::write(&path, &input).unwrap();
        let done = server.home().run(&words);
        let wrong = || {
            format!(
                "file {n} of seed {seed}: {}\n{done:?}",
                input.escape_ascii()
            )
        };
        match done.code {
            Some(0) => good += 1,
            Some(1) => assert!(
                !done.stderr.is_empty(),
                "refused without a word: {}",
                wrong()
            ),
            _ => panic!("{}", wrong()),
        }
        assert!(!done.stderr.contains("panicked"), "{}", wrong());
    }
    let listed = Request::new("GET", "/v1/studies/lists/participants")
        .bearer(&class.admin)
        .send(class.server);
    assert_eq!(
        listed.header("X-Total-Count"),
        Some("0"),
        "a dry run made accounts"
    );
    assert!(good > 0, "no file was good");
    format!(
        "{:14} {:7} files, {good:6} good",
        "import",
        corpus.len() + count
    )
}
