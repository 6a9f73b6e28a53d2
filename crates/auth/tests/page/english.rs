//! In English.

use super::Words;
use sillage_auth::policy::Standing;
use sillage_auth::{Action, Reach};

pub(crate) const WORDS: Words = Words {
    file: "access-policy.md",
    before: BEFORE,
    in_study: "## In a study",
    on_server: "## On the server",
    after: AFTER,
    what: "what",
    standing,
    reach,
    in_draft: "while it is a draft",
    summary: Action::summary,
};

const BEFORE: &str = "
<!-- Made from the table in crates/auth/src/policy.rs: UPDATE_PAGES=1 cargo test -p sillage-auth --test page -->

# Who may do what

An account is one thing on the server: `admin`, `researcher` or `participant`. A researcher is what the study's manager
made him in each study: `manager`, `analyst`, `developer` or `monitor`, or nothing. A participant belongs to one study.
An application that acts for itself (a game's server, with `client_credentials`) belongs to its own.

This page is made from the table that the server decides by; a test compares the two. An empty place is a refusal, and so
is everything that has no line. *yes* is the whole of it; *de-identified*, what the privacy classes of the codebook leave
over; *own*, what one did or sent oneself; *the public face*, what those who take part are shown.
";

const AFTER: &str = "
## How a refusal looks

| | |
|---|---|
| 401 | no credentials, or none that are good: unknown, expired, revoked, or of an account that has been deactivated |
| 404 | the study, or the thing in it, is not yours to see: it is as if it did not exist, whatever you ask of it |
| 403 | you can see the thing, or anybody of your role may see such things, and may not do this |

## What takes away

The scope of a token only ever takes away. `all` is all that the account may do. `participant` leaves what a participant
may do as well, so that a manager sees what a player sees; such a token changes neither the account nor its password,
since a new password would give everything back.

## Why some lines are as they are

- Analysts see neither the accounts of participants nor who is connected. The time of an account's last entry, beside the
  entries, would tell whose pseudonym is whose.
- Monitors, such as a teacher during a lesson, see who is connected and how much has arrived, and no data. Those who run the
  study read the entries too: they are told counts in steps, since the exact number of an account's entries, beside the
  entries, would tell whose pseudonym is whose.
- Developers may register applications for the study's game, send test entries while it is a draft, and read of the
  quarantine what they sent themselves. An application that they register for `client_credentials` may write in the name
  of participants, as a game's server must, and reads nothing.
- Nobody is shown a pseudonym beside an account, whatever the role.
";

fn standing(standing: Standing) -> &'static str {
    match standing {
        Standing::Admin => "admin",
        Standing::Manager => "manager",
        Standing::Analyst => "analyst",
        Standing::Developer => "developer",
        Standing::Monitor => "monitor",
        Standing::Researcher => "researcher",
        Standing::Participant => "participant",
        Standing::Client => "application",
    }
}

fn reach(reach: Reach) -> &'static str {
    match reach {
        Reach::Whole => "yes",
        Reach::Deidentified => "de-identified",
        Reach::Own => "own",
        Reach::Public => "the public face",
        _ => panic!("{reach:?} has no word"),
    }
}
