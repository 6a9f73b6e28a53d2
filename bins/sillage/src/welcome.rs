//! What to type next.

use crate::first_admin::{Password, USERNAME};
use sillage_auth::Secret;
use std::fmt::Write as _;

/// Where a browser finds the API described, on a server at that origin; nothing where this build has no such page.
pub(crate) fn browser(origin: &str) -> String {
    if cfg!(feature = "docs") {
        format!("the API in a browser: {origin}/docs\n")
    } else {
        String::new()
    }
}

/// Takes one member out of an answer, with nothing but `sed`.
const TAKE_TOKEN: &str = r#"sed 's/.*"token":"//; s/".*//'"#;

/// Who the first administrator is, and lines that can be pasted into a shell: from the first token to the first log.
///
/// `base` is what stands before `/v1`.
pub(crate) fn first_steps(base: &str, password: &Password) -> String {
    let mut text = String::from("first administrator: admin\n");
    // Writing to a String does not fail.
    let _ = match password {
        Password::Chosen => writeln!(text, "password: the one in the settings"),
        Password::Shown(secret) => {
            writeln!(text, "password (shown this once): {}", secret.expose())
        }
        Password::Written(path) => writeln!(
            text,
            "password: in {} (read it, then delete it)",
            path.display()
        ),
    };
    let _ = write!(
        text,
        r#"
what to type next, in another terminal:

  URL={base}
  ADMIN=$(curl -s -u {admin} $URL/v1/utils/token | {TAKE_TOKEN})
  curl -s $URL/v1/studies -H "Authorization: Bearer $ADMIN" -H 'Content-Type: application/json' -d '{{"slug":"castle","title":"The castle"}}'
  curl -s -X PATCH $URL/v1/studies/castle -H "Authorization: Bearer $ADMIN" -H 'Content-Type: application/json' -d '{{"status":"open"}}'
  curl -s $URL/v1/studies/castle/participants -H "Authorization: Bearer $ADMIN" -H 'Content-Type: application/json' -d '{{"username":"player-01","password":"correct horse"}}'
  PLAYER=$(curl -s -u 'player-01:correct horse' $URL/v1/utils/token | {TAKE_TOKEN})
  curl -s $URL/v1/logs -H "Authorization: Bearer $PLAYER" -H 'Content-Type: application/json' -d '{{"timestamp":"2024-05-18T10:17:33.109Z","action":"hello","payload":{{"level":1}}}}'
  curl -s "$URL/v1/studies/castle/export?format=csv&view=full" -H "Authorization: Bearer $ADMIN"
"#,
        admin = credentials(password),
    );
    text
}

/// Lines that can be pasted into a shell: to look at what the demonstration has stored.
pub(crate) fn after_demo(base: &str, password: &Secret) -> String {
    let admin = credentials(&Password::Shown(password.clone()));
    format!(
        r#"
The server stays up; Ctrl-C ends it, and removes its data. What to type next, in another terminal:

  URL={base}
  ADMIN=$(curl -s -u {admin} $URL/v1/utils/token | {TAKE_TOKEN})
  curl -s "$URL/v1/logs?study=waves&action=succeed&page_size=3" -H "Authorization: Bearer $ADMIN"
  curl -s "$URL/v1/studies/waves/export?format=csv&view=full" -H "Authorization: Bearer $ADMIN" -o waves.csv"#
    )
}

/// Name and password as one word of a shell.
fn credentials(password: &Password) -> String {
    match password {
        Password::Chosen => format!("'{USERNAME}:THE-PASSWORD'"),
        Password::Shown(secret) => format!("'{USERNAME}:{}'", secret.expose()),
        Password::Written(path) => format!(
            "\"{USERNAME}:$(cat {})\"",
            quoted(&path.display().to_string())
        ),
    }
}

/// A text as one word of a POSIX shell.
fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '.' | '-' | '_');
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_of_a_shell_stays_one() {
        assert_eq!(quoted("/a/b-c.d"), "/a/b-c.d");
        assert_eq!(quoted("/a b/it's"), r"'/a b/it'\''s'");
    }
}
