//! Scopes: read, written, and only ever narrowed.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use rstest::rstest;
use sillage_auth::{Holder, Scope, ScopeError, ScopeWord};
use sillage_domain::Role;

fn scope(text: &str) -> Scope {
    text.parse().unwrap()
}

#[rstest]
#[case("all", "all")]
#[case("participant", "participant")]
#[case("participant all", "all participant")]
#[case(" all  all ", "all")]
#[case("logs:write me", "me logs:write")]
fn a_scope_is_a_set_of_words(#[case] text: &str, #[case] written: &str) {
    assert_eq!(scope(text).to_string(), written);
    assert_eq!(scope(written), scope(text));
}

#[rstest]
#[case("", ScopeError::Empty)]
#[case(" ", ScopeError::Empty)]
#[case("All", ScopeError::Unknown("All".to_owned()))]
#[case("all admin", ScopeError::Unknown("admin".to_owned()))]
fn a_scope_has_known_words_only(#[case] text: &str, #[case] expected: ScopeError) {
    assert_eq!(text.parse::<Scope>(), Err(expected));
}

#[rstest]
#[case(Role::Admin, "all")]
#[case(Role::Researcher, "all")]
#[case(Role::Participant, "participant")]
fn an_account_that_asks_for_nothing_gets_the_scope_of_its_role(
    #[case] role: Role,
    #[case] expected: &str,
) {
    assert_eq!(Scope::of_role(role).narrowed(None), Ok(scope(expected)));
}

#[rstest]
#[case("all", "participant", true)]
#[case("all", "all", true)]
#[case("all", "all participant", true)]
#[case("participant", "participant", true)]
#[case("participant", "all", false)]
#[case("participant", "all participant", false)]
#[case("participant", "me", false)]
#[case("all", "logs:write me", true)]
#[case("me logs:write", "logs:write", true)]
#[case("me logs:write", "logs:write logs:read", false)]
fn a_scope_can_be_narrowed_and_never_widened(
    #[case] granted: &str,
    #[case] asked: &str,
    #[case] good: bool,
) {
    let (granted, asked) = (scope(granted), scope(asked));
    let expected = if good {
        Ok(asked)
    } else {
        Err(ScopeError::Wider { asked, granted })
    };
    assert_eq!(granted.narrowed(Some(asked)), expected);
}

#[test]
fn a_scope_of_one_word_has_that_word_only() {
    for word in ScopeWord::ALL {
        for other in ScopeWord::ALL {
            assert_eq!(Scope::of(*word).has(*other), word == other);
        }
    }
}

#[rstest]
#[case(Holder::Account(Role::Participant), "all", None, Some("participant"))]
#[case(Holder::Account(Role::Researcher), "all", None, Some("all"))]
#[case(Holder::Client, "all", None, Some("all"))]
#[case(
    Holder::Account(Role::Researcher),
    "participant",
    None,
    Some("participant")
)]
#[case(
    Holder::Account(Role::Participant),
    "me logs:write export",
    None,
    Some("me logs:write")
)]
#[case(
    Holder::Account(Role::Participant),
    "all",
    Some("logs:write study:manage"),
    Some("logs:write")
)]
#[case(Holder::Account(Role::Participant), "all", Some("all"), None)]
#[case(
    Holder::Account(Role::Participant),
    "all",
    Some("participant identity"),
    Some("participant identity")
)]
#[case(
    Holder::Account(Role::Participant),
    "participant",
    Some("participant identity"),
    None
)]
#[case(
    Holder::Account(Role::Participant),
    "me identity",
    None,
    Some("me identity")
)]
#[case(Holder::Account(Role::Admin), "all", Some("identity"), None)]
#[case(Holder::Account(Role::Participant), "logs:read", None, None)]
#[case(Holder::Account(Role::Admin), "me", Some("me logs:read"), None)]
#[case(Holder::Client, "logs:write me", None, Some("logs:write"))]
#[case(Holder::Client, "all", Some("logs:write"), Some("logs:write"))]
#[case(Holder::Client, "participant", None, None)]
fn a_token_gets_what_is_asked_for_and_had_by_client_and_holder(
    #[case] holder: Holder,
    #[case] client: &str,
    #[case] asked: Option<&str>,
    #[case] expected: Option<&str>,
) {
    let got = holder.scope(scope(client), asked.map(scope));
    assert_eq!(got.ok(), expected.map(scope));
}

#[rstest]
#[case("all", "participant", "participant")]
#[case("me logs:write", "participant", "me logs:write")]
#[case("me logs:write", "logs:write", "logs:write")]
#[case("me", "logs:write", "")]
#[case("me identity", "participant", "me")]
#[case("me identity", "participant identity", "me identity")]
#[case("all", "participant identity", "participant identity")]
fn a_token_is_good_for_what_its_client_may_still_ask_for(
    #[case] client: &str,
    #[case] token: &str,
    #[case] expected: &str,
) {
    let now = Holder::Account(Role::Participant).scope_now(scope(client), scope(token));
    assert_eq!(now.to_string(), expected);
}

#[test]
fn a_password_is_good_for_everything_and_a_token_that_asked_for_nothing_for_no_identity() {
    for role in Role::ALL {
        let whole = Scope::whole_of(*role);
        assert!(whole.narrowed(Some(Scope::of_role(*role))).is_ok());
    }
    let participant = Role::Participant;
    assert!(Scope::whole_of(participant).has(ScopeWord::Identity));
    assert!(!Scope::of_role(participant).has(ScopeWord::Identity));
}

#[test]
fn the_documentation_says_what_each_word_is_for() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/clients.md");
    let page = std::fs::read_to_string(path).unwrap();
    let rows: Vec<_> = page
        .lines()
        .skip_while(|line| *line != "## Scopes")
        .filter(|line| line.starts_with("| `"))
        .collect();
    let words = ScopeWord::ALL.iter().map(|word| {
        let summary = word.summary().trim_end_matches('.');
        format!("| `{}` | {summary} |", word.as_str())
    });
    assert!(words.eq(rows));
}
