//! Whatever was stored is read back from what was written.
use crate::support::{Archive, column};
use proptest::prelude::*;
use serde_json::Value;
use sillage_domain::testing::fixtures::send;
use sillage_domain::{ActionName, NewEntry, SessionName};
use sillage_export::{Profile, Shape};

/// Any text without control characters, as names are kept, with what CSV must quote more often than chance has it.
fn name() -> impl Strategy<Value = String> {
    "([=+@\"', ;\\-]|\\PC){1,12}".prop_filter_map("a name", |text| {
        let action: ActionName = text.parse().ok()?;
        let session: SessionName = text.parse().ok()?;
        (action.as_str() == session.as_str()).then(|| action.to_string())
    })
}

/// A payload with any text in it, compact or over several lines.
fn payload() -> impl Strategy<Value = String> {
    (any::<String>(), any::<String>(), any::<bool>()).prop_map(|(name, value, pretty)| {
        let payload = serde_json::json!({ name: [value, 1.5] });
        if pretty {
            serde_json::to_string_pretty(&payload)
        } else {
            serde_json::to_string(&payload)
        }
        .unwrap()
    })
}

fn stored(archive: &Archive, entries: &[(String, String, String)]) -> Vec<NewEntry> {
    let entries: Vec<_> = entries
        .iter()
        .enumerate()
        .map(|(n, (action, session, payload))| {
            let mut entry = archive.entry(n as i64, action, Some(payload));
            entry.content.session = Some(session.parse().unwrap());
            entry
        })
        .collect();
    send(&archive.ports, &entries);
    entries
}

proptest! {
    #[test]
    fn csv_reads_back(entries in proptest::collection::vec((name(), name(), payload()), 1..20)) {
        let archive = Archive::new();
        let stored = stored(&archive, &entries);
        let csv = archive.csv(Profile::Analysis);
        let ids: Vec<_> = stored.iter().map(|entry| entry.id.to_string()).collect();
        prop_assert_eq!(column(&csv, "id"), ids);
        prop_assert_eq!(column(&csv, "action"), entries.iter().map(|e| e.0.clone()).collect::<Vec<_>>());
        prop_assert_eq!(column(&csv, "session"), entries.iter().map(|e| e.1.clone()).collect::<Vec<_>>());
        prop_assert_eq!(column(&csv, "payload"), entries.iter().map(|e| e.2.clone()).collect::<Vec<_>>());
        let times: Vec<_> = stored.iter().map(|entry| entry.content.occurred_at.to_string()).collect();
        prop_assert_eq!(column(&csv, "timestamp"), times);
        let players: Vec<_> = stored.iter().map(|entry| entry.pseudonym.to_string()).collect();
        prop_assert_eq!(column(&csv, "participant"), players);
    }

    #[test]
    fn ndjson_reads_back_a_line_an_entry(entries in proptest::collection::vec((name(), name(), payload()), 1..20)) {
        let archive = Archive::new();
        let stored = stored(&archive, &entries);
        let text = archive.text(Shape::Ndjson);
        let lines: Vec<Value> = text.split_terminator('\n').map(|line| serde_json::from_str(line).unwrap()).collect();
        prop_assert_eq!(lines.len(), entries.len());
        for ((line, entry), (action, session, payload)) in lines.iter().zip(&stored).zip(&entries) {
            prop_assert_eq!(&line["id"], &Value::from(entry.id.to_string()));
            prop_assert_eq!(&line["participant"], &Value::from(entry.pseudonym.to_string()));
            prop_assert_eq!(&line["action"], action);
            prop_assert_eq!(&line["session"], session);
            prop_assert_eq!(&line["payload"], &serde_json::from_str::<Value>(payload).unwrap());
        }
    }

    #[test]
    fn flat_csv_reads_back(values in proptest::collection::vec((any::<String>(), any::<i64>()), 1..20)) {
        let payloads: Vec<_> = values.iter().map(|(t, n)| serde_json::json!({ "t": t, "n": n }).to_string()).collect();
        let archive = Archive::of_payloads(&payloads.iter().map(String::as_str).collect::<Vec<_>>());
        let csv = archive.flat(Profile::Analysis);
        prop_assert_eq!(column(&csv, "t"), values.iter().map(|v| v.0.clone()).collect::<Vec<_>>());
        prop_assert_eq!(column(&csv, "n"), values.iter().map(|v| v.1.to_string()).collect::<Vec<_>>());
    }
}
