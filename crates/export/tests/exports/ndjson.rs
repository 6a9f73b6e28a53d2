//! The lines of a study.
use crate::support::Archive;
use sillage_domain::testing::fixtures::{at, send};
use sillage_export::{Format, Profile};

#[test]
fn an_entry_is_a_line_with_the_members_that_it_has() {
    let archive = Archive::new();
    let mut entry = archive.entry(
        9,
        "regionDeposer",
        Some("{\n  \"roomName\": \"salle\\nForet\"\r\n}"),
    );
    entry.content.sent_at = Some(at(70));
    let mut bare = archive.entry(10, "click", None);
    bare.content.session = None;
    bare.content.sequence = None;
    send(&archive.ports, &[entry, bare]);
    insta::assert_snapshot!(archive.text(Format::Ndjson.shape(Profile::Analysis)), @r###"
{"number":1,"id":"0190c1d2-7e1c-7000-8000-000000000009","participant":"P-0000-00XS-NJG7-A","session":"s-1","sequence":9,"timestamp":"2024-05-18T00:00:09.000000Z","action":"regionDeposer","status":"accepted","received_at":"2024-05-18T00:16:40.000000Z","sent_at":"2024-05-18T00:01:10.000000Z","payload":{   "roomName": "salle\nForet"  }}
{"number":2,"id":"0190c1d2-7e1c-7000-8000-00000000000a","participant":"P-0000-00XS-NJG7-A","timestamp":"2024-05-18T00:00:10.000000Z","action":"click","status":"accepted","received_at":"2024-05-18T00:16:40.000000Z"}
"###);
}
