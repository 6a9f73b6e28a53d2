//! The CSV of a study, one column for each part of an entry.
use crate::support::{Archive, column, rows};
use sillage_domain::testing::fixtures::{at, send};
use sillage_domain::{LogFilter, Sequence};
use sillage_export::{CHUNK, Export, ExportError, Format, Profile, Shape, file_name, own_columns};
use std::io;
use std::ops::ControlFlow;

#[test]
fn the_header_and_a_row_look_so() {
    let archive = Archive::new();
    let mut entry = archive.entry(9, "regionDeposer", Some(r#"{"roomName": "salleForet"}"#));
    entry.content.sent_at = Some(at(70));
    let mut bare = archive.entry(10, "click", None);
    bare.content.session = None;
    bare.content.sequence = None;
    send(&archive.ports, &[entry, bare]);
    insta::assert_snapshot!(archive.csv(Profile::Analysis).replace("\r\n", "<CRLF>\n"), @r###"
number,id,participant,session,sequence,timestamp,action,status,received_at,sent_at,payload<CRLF>
1,0190c1d2-7e1c-7000-8000-000000000009,P-0000-00XS-NJG7-A,s-1,9,2024-05-18T00:00:09.000000Z,regionDeposer,accepted,2024-05-18T00:16:40.000000Z,2024-05-18T00:01:10.000000Z,"{""roomName"": ""salleForet""}"<CRLF>
2,0190c1d2-7e1c-7000-8000-00000000000a,P-0000-00XS-NJG7-A,,,2024-05-18T00:00:10.000000Z,click,accepted,2024-05-18T00:16:40.000000Z,,<CRLF>
"###);
}

#[test]
fn a_file_for_its_sender_is_the_same_without_the_pseudonym() {
    let archive = Archive::of_payloads(&[r#"{"room":"=1+1"}"#, "{}"]);
    for profile in [Profile::Analysis, Profile::Spreadsheet] {
        let (whole, own) = (archive.csv(profile), archive.text(Shape::OwnCsv(profile)));
        let cut: Vec<Vec<String>> = rows(&whole)
            .into_iter()
            .map(|mut row| {
                row.remove(2);
                row
            })
            .collect();
        assert_eq!(rows(&own), cut);
        assert!(own.starts_with(&own_columns().collect::<Vec<_>>().join(",")));
    }
}

#[test]
fn an_empty_study_is_a_header() {
    assert_eq!(rows(&Archive::new().csv(Profile::Analysis)).len(), 1);
}

#[test]
fn a_text_that_a_spreadsheet_would_run_is_kept_for_analysis_and_guarded_for_a_spreadsheet() {
    let archive = Archive::new();
    let actions = ["=1+1", "+1", "-1", "@SUM(A1)", "＝1", "a=1", "'=1"];
    let entries: Vec<_> = actions
        .iter()
        .enumerate()
        .map(|(n, action)| archive.entry(n as i64, action, None))
        .collect();
    send(&archive.ports, &entries);
    assert_eq!(column(&archive.csv(Profile::Analysis), "action"), actions);
    let guarded = ["'=1+1", "'+1", "'-1", "'@SUM(A1)", "'＝1", "a=1", "'=1"];
    assert_eq!(
        column(&archive.csv(Profile::Spreadsheet), "action"),
        guarded
    );
}

#[test]
fn only_what_the_filter_asks_for_is_written() {
    let archive = Archive::new();
    send(
        &archive.ports,
        &[
            archive.entry(0, "click", None),
            archive.entry(1, "jump", None),
        ],
    );
    let filter = LogFilter {
        action: Some("jump".parse().unwrap()),
        ..LogFilter::default()
    };
    let mut file = Vec::new();
    let written = archive
        .export(&filter, Shape::Csv(Profile::Analysis))
        .write(&mut file)
        .unwrap();
    assert_eq!(written.entries, 1);
    assert_eq!(
        column(std::str::from_utf8(&file).unwrap(), "action"),
        ["jump"]
    );
}

fn large() -> Archive {
    let archive = Archive::new();
    let payload = format!(r#"{{"text":"{}"}}"#, "x".repeat(1000));
    let entries: Vec<_> = (0..500)
        .map(|n| archive.entry(n, "click", Some(&payload)))
        .collect();
    send(&archive.ports, &entries);
    archive
}

#[test]
fn the_header_comes_first_and_then_chunks() {
    let archive = large();
    let mut chunks: Vec<Vec<u8>> = Vec::new();
    let written = archive
        .export(&LogFilter::default(), Shape::Csv(Profile::Analysis))
        .send(|chunk| {
            chunks.push(chunk);
            ControlFlow::Continue(())
        })
        .unwrap();
    assert_eq!((written.entries, written.complete), (500, true));
    assert!(chunks[0].starts_with(b"number,") && chunks[0].ends_with(b",payload\r\n"));
    assert!(chunks.len() > 5 && chunks.iter().all(|chunk| chunk.len() <= CHUNK));
    assert_eq!(
        rows(&String::from_utf8(chunks.concat()).unwrap()).len(),
        501
    );
}

#[test]
fn an_export_stops_when_nobody_reads_it_any_more() {
    let archive = large();
    for format in Format::ALL {
        let mut calls = 0;
        let written = archive
            .export(&LogFilter::default(), format.shape(Profile::Analysis))
            .send(|_| {
                calls += 1;
                if calls == 2 {
                    ControlFlow::Break(())
                } else {
                    ControlFlow::Continue(())
                }
            })
            .unwrap();
        assert!(!written.complete);
        assert_eq!(calls, 2);
    }
}

struct Full;

impl io::Write for Full {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::StorageFull.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_full_disk_is_an_error() {
    let archive = large();
    let filter = LogFilter::default();
    let export = Export {
        shape: Shape::Ndjson,
        ..archive.export(&filter, Shape::Ndjson)
    };
    match export.write(&mut Full) {
        Err(ExportError::Write(error)) => assert_eq!(error.kind(), io::ErrorKind::StorageFull),
        other => panic!("{other:?}"),
    }
}

#[test]
fn numbers_are_written_whole() {
    let archive = Archive::new();
    let mut entry = archive.entry(0, "click", None);
    entry.content.sequence = Sequence::new(Sequence::MAX);
    send(&archive.ports, &[entry]);
    assert_eq!(
        column(&archive.csv(Profile::Analysis), "sequence"),
        ["9007199254740991"]
    );
}

#[test]
fn a_file_is_called_by_study_and_day() {
    let study = "tsadk".parse().unwrap();
    assert_eq!(
        file_name(&study, at(0), Format::Csv),
        "tsadk_export_logs_20240518.csv"
    );
}
