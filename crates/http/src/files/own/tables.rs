//! What is held beside the entries, as CSV.

use super::super::pipe::Inlet;
use super::{OwnFile, walk};
use crate::api::Inner;
use crate::identity::KnownStudy;
use crate::views::consent::ConsentView;
use crate::views::own_data::OwnNotice;
use serde::Serialize;
use serde_json::Value;
use sillage_domain::{LogFilter, QuarantineFilter};
use sillage_export::{ExportError, Profile, TextTable};
use std::collections::BTreeSet;
use std::ops::ControlFlow;

/// The columns of what could not be taken.
const QUARANTINE: [&str; 4] = ["id", "received_at", "reasons", "text"];
/// The columns of everything else: the place that a value has in the JSON file (RFC 6901), and the value.
const ABOUT: [&str; 2] = ["what", "value"];

/// What could not be taken, a row a text. Whether the client took all of it.
pub(super) fn quarantine(
    inner: &Inner,
    plays: Option<(&KnownStudy, LogFilter)>,
    profile: Profile,
    to: &mut Inlet,
) -> Result<bool, ExportError> {
    let mut put = |chunk| to.put(chunk);
    let mut table = TextTable::begin(&QUARANTINE, profile, &mut put)?;
    if let Some((known, filter)) = plays {
        let filter = QuarantineFilter::of(filter.participant);
        let told = walk::texts(inner, known.study.id, &filter, &mut |text| {
            let words = text.misfit.faults.iter().map(|fault| fault.kind.word());
            let reasons: Vec<_> = words.collect::<BTreeSet<_>>().into_iter().collect();
            let received = text.received_at.to_string();
            let (id, reasons) = (text.id.to_string(), reasons.join(" "));
            table.row([id.as_str(), &received, &reasons, &text.misfit.text])
        })?;
        if told.is_break() {
            return Ok(false);
        }
    }
    table.end()
}

/// Everything but the entries and the quarantine, a row a value. Whether the client took all of it.
pub(super) fn about(
    file: &OwnFile,
    inner: &Inner,
    plays: Option<(&KnownStudy, LogFilter)>,
    profile: Profile,
    to: &mut Inlet,
) -> Result<bool, ExportError> {
    let mut put = |chunk| to.put(chunk);
    let mut table = TextTable::begin(&ABOUT, profile, &mut put)?;
    let mut head = file.head.clone();
    head.push(b'}');
    let head: Value = serde_json::from_slice(&head).map_err(unreadable)?;
    if values(&mut table, "", &head)?.is_break() {
        return table.end();
    }
    if let Some((known, _)) = plays {
        let study = known.study.id;
        let (mut number, mut shown) = (0, BTreeSet::new());
        let told = walk::consents(inner, study, &file.code, &mut |event| {
            shown.extend(event.consent.notice.as_ref().map(|notice| notice.version));
            let view = ConsentView::new(&event.consent, event.recorded_at, None);
            let place = format!("/consents/{number}");
            number += 1;
            values(&mut table, &place, &as_value(&view)?)
        })?;
        if told.is_break() {
            return Ok(false);
        }
        for (number, version) in shown.into_iter().enumerate() {
            if let Some(notice) = inner.ports.notices.notice(study, version)? {
                let view = as_value(&OwnNotice::from(&notice))?;
                if values(&mut table, &format!("/notices/{number}"), &view)?.is_break() {
                    break;
                }
            }
        }
    }
    table.end()
}

fn as_value(view: &impl Serialize) -> Result<Value, ExportError> {
    serde_json::to_value(view).map_err(unreadable)
}

fn unreadable(error: serde_json::Error) -> ExportError {
    ExportError::Write(error.into())
}

/// A row for each value that is there; objects and lists are gone into.
fn values(
    table: &mut TextTable<'_>,
    place: &str,
    value: &Value,
) -> Result<ControlFlow<()>, ExportError> {
    match value {
        Value::Null => Ok(ControlFlow::Continue(())),
        Value::Object(members) => {
            for (name, value) in members {
                let name = name.replace('~', "~0").replace('/', "~1");
                if values(table, &format!("{place}/{name}"), value)?.is_break() {
                    return Ok(ControlFlow::Break(()));
                }
            }
            Ok(ControlFlow::Continue(()))
        }
        Value::Array(items) => {
            for (number, value) in items.iter().enumerate() {
                if values(table, &format!("{place}/{number}"), value)?.is_break() {
                    return Ok(ControlFlow::Break(()));
                }
            }
            Ok(ControlFlow::Continue(()))
        }
        Value::String(text) => table.row([place, text]),
        other => table.row([place, &other.to_string()]),
    }
}
