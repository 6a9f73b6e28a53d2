//! What the report on the quality of a study looks like: [`QualityReport`](sillage_domain::quality::QualityReport), described.

use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// How good the traces of a study are.
#[derive(Serialize, ToSchema)]
pub(crate) struct Quality {
    /// Entries that were looked at.
    entries: u64,
    /// Tombstones, of which nothing is left to look at.
    deleted: u64,
    /// Entries that those dispute whose they are.
    disputed: u64,
    /// Different participants: counted, or estimated above 65,536.
    participants: u64,
    /// Play sessions, each of one participant: counted, or estimated above 65,536.
    session_count: u64,
    /// The earliest instant by the clocks of the games, of those that can be.
    first: Option<String>,
    /// The latest.
    last: Option<String>,
    /// What was found, over all sessions.
    #[serde(flatten)]
    findings: Findings,
    /// Texts in quarantine.
    quarantined: Option<u64>,
    /// Those of them that have the id of an entry, and other content.
    conflicts: Option<u64>,
    /// Entries of no session.
    without_session: u64,
    /// Entries without a sequence number.
    without_sequence: u64,
    /// Sessions whose least sequence number is above 1.
    not_from_the_start: u64,
    /// Sessions without an action that the codebook calls a beginning; null where it names none.
    without_start: Option<u64>,
    /// Sessions without one that it calls an end; null where it names none.
    without_end: Option<u64>,
    /// Names of sessions in which several participants have entries.
    several_participants: u64,
    /// The longest step backwards of a clock.
    longest_backwards_seconds: f64,
    /// The longest time from an action to its arrival.
    longest_delay_seconds: f64,
    /// How far the clocks of games were off.
    clock: Clock,
    /// Which version of the codebook entries were compared with; null without a codebook.
    codebook_version: Option<u64>,
    /// Actions of the codebook that no entry has.
    never_seen: Vec<String>,
    /// Actions, in order of names.
    actions: Vec<QualityAction>,
    /// Fields of payloads, in order of actions and names; those that no codebook declares only for those who read all of the data.
    fields: Vec<QualityField>,
    /// Members of payloads that there was no room to look at.
    fields_passed_over: u64,
    /// By version of the game, where the codebook says which field has it.
    versions: Vec<QualityVersion>,
    /// Sessions, those with most findings first: at most 1,000.
    sessions: Vec<QualitySession>,
    /// What counts as what.
    rules: QualityRules,
    /// Sessions that were closed before the end, since there were too many at once.
    closed_early: u64,
    /// Whether every number is one that was counted.
    is_exact: bool,
}

/// Numbers of entries, but for gaps.
#[derive(Serialize, ToSchema)]
pub(crate) struct Findings {
    /// Holes in the sequence of a session.
    gaps: u64,
    /// Sequence numbers that are missing in them.
    missing: u64,
    /// Entries with a sequence number that an earlier entry of the session has.
    repeated: u64,
    /// Entries with the content of an earlier one, under another id.
    duplicates: u64,
    /// Steps to the next entry of the sequence on which the game's clock runs backwards.
    backwards: u64,
    /// Entries that say that they happened before the year 2000.
    too_early: u64,
    /// Entries that say that they happened after they were received, by more than the tolerance.
    in_the_future: u64,
    /// Entries that arrived later than the limit after they happened.
    late: u64,
    /// Entries that do not fit the codebook as it is now.
    outside: u64,
}

/// From `sent_at` to the reception, the least of each session.
#[derive(Serialize, ToSchema)]
pub(crate) struct Clock {
    /// Sessions that say when they sent.
    sessions: u64,
    /// The least: negative where a game's clock is ahead.
    least_offset_seconds: Option<f64>,
    /// The greatest.
    greatest_offset_seconds: Option<f64>,
    /// Sessions that are off by more than the tolerance.
    off: u64,
}

/// An action.
#[derive(Serialize, ToSchema)]
pub(crate) struct QualityAction {
    /// Its name.
    action: String,
    /// How many entries have it.
    entries: u64,
    /// Whether the codebook has it; null without a codebook.
    declared: Option<bool>,
}

/// A field of the payload of an action.
#[derive(Serialize, ToSchema)]
pub(crate) struct QualityField {
    /// Of which action.
    action: String,
    /// Its name.
    field: String,
    /// Whether the codebook has it.
    declared: bool,
    /// How many entries have the action.
    entries: u64,
    /// How many of them have the field.
    present: u64,
    /// How many of these have no value in it.
    empty: u64,
    /// Whether no entry has a value in it.
    always_empty: bool,
    /// How many do not fit what the codebook says of it.
    outside: u64,
    /// How many different values it has, as they are written.
    distinct: u64,
    /// Whether they were counted, and not estimated.
    distinct_is_exact: bool,
}

/// A version of the game.
#[derive(Serialize, ToSchema)]
pub(crate) struct QualityVersion {
    /// What the game calls it; null for entries that do not say.
    version: Option<String>,
    /// Entries.
    entries: u64,
    /// Of entries one by one: neither gaps nor steps.
    #[serde(flatten)]
    findings: Findings,
}

/// What one player did in one play session.
#[derive(Serialize, ToSchema)]
pub(crate) struct QualitySession {
    /// What the game calls it; null for what was done in none.
    session: Option<String>,
    /// The pseudonym.
    participant: String,
    /// Entries.
    entries: u64,
    /// The earliest instant, by the clock of the game.
    first: String,
    /// The latest one.
    last: String,
    /// Seconds from the one to the other.
    duration_seconds: f64,
    /// Seconds without pauses that are longer than `idle`.
    active_seconds: f64,
    /// The least sequence number.
    first_sequence: Option<i64>,
    /// The greatest.
    last_sequence: Option<i64>,
    /// Whether it has an action that the codebook calls a beginning.
    started: Option<bool>,
    /// Whether it has one that it calls an end.
    ended: Option<bool>,
    /// The least number of seconds from `sent_at` to the reception.
    clock_offset_seconds: Option<f64>,
    /// The longest step backwards of the game's clock.
    longest_backwards_seconds: f64,
    /// What was found.
    #[serde(flatten)]
    findings: Findings,
    /// How often what was done.
    actions: BTreeMap<String, u64>,
    /// Whether all of it was looked at.
    is_exact: bool,
}

/// What counts as what.
#[derive(Serialize, ToSchema)]
pub(crate) struct QualityRules {
    /// Before which nothing can have happened.
    earliest: String,
    /// How far a clock may be off.
    tolerance_seconds: u32,
    /// After how long an arrival is late.
    late_seconds: u32,
    /// How long a pause may be that counts as active time.
    idle_seconds: u32,
}
