//! `sillage requests`: requests of people about their data that came by letter, and the days by which they must be answered.

use crate::{CommandError, Output, RequestNamed, RequestRecord, RequestsCommand, Workplace};
use serde::Serialize;
use sillage_domain::{
    AccountId, Day, FileReference, NewRightsRequest, PageRequest, Reason, RequestId, RequestKind,
    RequestOutcome, RequestStep, RightsRequest, Slug, StoreError, Study, Username,
};
use std::num::{NonZeroU32, NonZeroU64};

/// How many are read at a time.
const PAGE: NonZeroU32 = NonZeroU32::new(1000).unwrap();
/// How often a step is tried while others change the same request.
const ATTEMPTS: u32 = 8;

/// A request as it is printed: as the API shows it, with the days that are left.
#[derive(Serialize)]
struct Printed<'a> {
    study: &'a Slug,
    id: RequestId,
    kind: RequestKind,
    participant: Option<Username>,
    reference: &'a Option<FileReference>,
    received_on: Day,
    due_on: Day,
    /// Until it must be answered; below 0, since it was to be. Of one that is open.
    days_left: Option<i32>,
    put_off_because: &'a Option<Reason>,
    state: &'static str,
    overdue: bool,
    answered_on: Option<Day>,
    outcome: Option<RequestOutcome>,
}

/// Does what the command says.
///
/// # Errors
///
/// [`CommandError::NoSuchStudy`], [`CommandError::NoSuchParticipant`], [`CommandError::NoSuchRequest`]; [`CommandError::Request`] for what
/// can't become of a request; those of the store.
pub fn run(
    command: &RequestsCommand,
    place: &Workplace,
    output: &mut Output<'_>,
) -> Result<(), CommandError> {
    let today = Day::of(place.now);
    match command {
        RequestsCommand::List(wanted) => {
            let study = place.study(wanted.study.slug()?)?;
            let open = wanted.state.as_deref().map(|state| state == "open");
            list(&study, open, place, output)
        }
        RequestsCommand::Record(wanted) => record(wanted, today, place, output),
        RequestsCommand::PutOff(wanted) => {
            let (until, reason) = (wanted.until, wanted.reason.clone());
            let step = RequestStep::Prolonged { until, reason };
            take(&wanted.named, &step, place, output)
        }
        RequestsCommand::Answer(wanted) => {
            let (on, outcome) = (wanted.on.unwrap_or(today), wanted.outcome);
            let step = RequestStep::Answered { on, outcome };
            take(&wanted.named, &step, place, output)
        }
        RequestsCommand::Close(wanted) => {
            let (on, outcome) = (wanted.on.unwrap_or(today), RequestOutcome::TakenBack);
            let step = RequestStep::Answered { on, outcome };
            take(&wanted.named, &step, place, output)
        }
    }
}

fn list(
    study: &Study,
    open: Option<bool>,
    place: &Workplace,
    output: &mut Output<'_>,
) -> Result<(), CommandError> {
    let mut all = Vec::new();
    let mut page = NonZeroU64::MIN;
    loop {
        let part = PageRequest { page, size: PAGE };
        let found = place.ports.requests.requests(study.id, open, &part)?;
        let more = !found.items.is_empty();
        all.extend(found.items);
        if !more || all.len() as u64 >= found.total {
            break;
        }
        page = page.saturating_add(1);
    }
    let mut printed = Vec::with_capacity(all.len());
    for one in &all {
        let shown = shown(study, one, place)?;
        output.line(line(&shown))?;
        printed.push(shown);
    }
    if all.is_empty() {
        output.line("no requests")?;
    }
    output.value(&printed)?;
    Ok(())
}

fn record(
    wanted: &RequestRecord,
    today: Day,
    place: &Workplace,
    output: &mut Output<'_>,
) -> Result<(), CommandError> {
    let study = place.study(wanted.study.slug()?)?;
    let received = wanted.received_on.unwrap_or(today);
    if received > today {
        let day = "the day on which it came is yet to come";
        return Err(CommandError::Usage(day.into()));
    }
    let new = NewRightsRequest {
        kind: wanted.kind,
        participant: match &wanted.participant {
            Some(name) => Some(whose(&study, name, place)?),
            None => None,
        },
        reference: wanted.reference.clone(),
        received,
        recorded_by: None,
    };
    let requests = &place.ports.requests;
    let made = requests.record_request(study.id, &new, place.now)?;
    say(&study, &made, place, output)
}

/// The account of that name, which plays in the study.
fn whose(study: &Study, name: &Username, place: &Workplace) -> Result<AccountId, CommandError> {
    let account = place.ports.accounts.account_by_username(name)?;
    let plays = account.filter(|one| one.enrolment.is_some_and(|e| e.study == study.id));
    match plays {
        Some(account) => Ok(account.id),
        None => Err(CommandError::NoSuchParticipant(name.clone())),
    }
}

fn take(
    named: &RequestNamed,
    step: &RequestStep,
    place: &Workplace,
    output: &mut Output<'_>,
) -> Result<(), CommandError> {
    let study = place.study(&named.study)?;
    let today = Day::of(place.now);
    let requests = &place.ports.requests;
    for _ in 0..ATTEMPTS {
        let found = requests.request(study.id, RequestId(named.id))?;
        let found = found.ok_or(CommandError::NoSuchRequest(named.id))?;
        found.check(step, today)?;
        match requests.step_request(study.id, &found, step) {
            // Somebody else was faster: what is asked for may not be possible any more.
            Err(StoreError::Stale) => {}
            done => return say(&study, &done?, place, output),
        }
    }
    Err(StoreError::Stale.into())
}

fn say(
    study: &Study,
    request: &RightsRequest,
    place: &Workplace,
    output: &mut Output<'_>,
) -> Result<(), CommandError> {
    let shown = shown(study, request, place)?;
    output.line(line(&shown))?;
    output.value(&shown)?;
    Ok(())
}

fn shown<'a>(
    study: &'a Study,
    request: &'a RightsRequest,
    place: &Workplace,
) -> Result<Printed<'a>, CommandError> {
    let today = Day::of(place.now);
    let is_open = request.answered.is_none();
    let participant = match request.participant {
        Some(id) => place.ports.accounts.account(id)?,
        None => None,
    };
    Ok(Printed {
        study: &study.slug,
        id: request.id,
        kind: request.kind,
        participant: participant.map(|account| account.username),
        reference: &request.reference,
        received_on: request.received,
        due_on: request.due,
        days_left: is_open.then(|| request.due.number() - today.number()),
        put_off_because: &request.prolonged,
        state: if is_open { "open" } else { "answered" },
        overdue: request.is_overdue(today),
        answered_on: request.answered.map(|(on, _)| on),
        outcome: request.answered.map(|(_, outcome)| outcome),
    })
}

/// Number, what is asked for, whose it is, and how long there is, between tabs.
fn line(one: &Printed<'_>) -> String {
    let whose = match (&one.participant, one.reference) {
        (Some(name), _) => name.as_str(),
        (None, Some(reference)) => reference.as_str(),
        (None, None) => "",
    };
    let clock = match (one.days_left, one.outcome, one.answered_on) {
        (Some(days), ..) if days < 0 => format!("overdue since {}: {} day(s)", one.due_on, -days),
        (Some(days), ..) => format!("due {}: {days} day(s) left", one.due_on),
        (None, Some(outcome), Some(on)) => format!("{outcome} on {on}"),
        _ => String::new(),
    };
    let RequestId(id) = one.id;
    format!(
        "{id}\t{}\t{whose}\tcame {}\t{clock}",
        one.kind, one.received_on
    )
}
