//! What lies in quarantine: chosen, counted by reason, let out, thrown away.

use crate::{
    AccountId, ActionName, CodebookVersion, Fault, FaultKind, NewEntry, PageRequest, Paged,
    Pseudonym, QuarantineId, QuarantinedEntry, Reason, StoreError, StudyId, Timestamp,
};
use std::num::{NonZeroU32, NonZeroU64};

/// Which texts of a study's quarantine; everything that is set narrows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct QuarantineFilter {
    /// Only this player's.
    pub participant: Option<Pseudonym>,
    /// Only those with such a reason among theirs: a [word](crate::FaultKind::word).
    pub reason: Option<String>,
    /// Only those about this action, as far as it can be read.
    pub action: Option<ActionName>,
    /// That arrived at this instant or later.
    pub from: Option<Timestamp>,
    /// That arrived before this instant.
    pub to: Option<Timestamp>,
    /// Only these.
    pub ids: Option<Vec<QuarantineId>>,
}

impl QuarantineFilter {
    /// Only those of that sender.
    pub fn of(participant: Option<Pseudonym>) -> Self {
        Self {
            participant,
            ..Self::default()
        }
    }

    /// Whether the text is one of those asked for.
    pub fn matches(&self, text: &QuarantinedEntry) -> bool {
        let has_reason = |word: &String| {
            let mut words = text.misfit.faults.iter().map(|fault| fault.kind.word());
            words.any(|known| known == *word)
        };
        self.participant.is_none_or(|p| text.pseudonym == Some(p))
            && self.reason.as_ref().is_none_or(has_reason)
            && (self.action.is_none() || self.action == text.action)
            && self.from.is_none_or(|t| text.received_at >= t)
            && self.to.is_none_or(|t| text.received_at < t)
            && self.ids.as_ref().is_none_or(|ids| ids.contains(&text.id))
    }
}

/// How long the times are by which reasons are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReasonPeriod {
    /// Hours of UTC.
    Hour,
    /// Days of UTC.
    Day,
}

impl ReasonPeriod {
    /// Its length in microseconds.
    pub const fn micros(self) -> i64 {
        match self {
            Self::Hour => 3_600_000_000,
            Self::Day => 86_400_000_000,
        }
    }

    /// The beginning of the period that the instant lies in.
    pub fn start(self, at: Timestamp) -> Option<Timestamp> {
        Timestamp::from_micros(at.micros().div_euclid(self.micros()) * self.micros())
    }
}

/// How many texts of one period have a reason among theirs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReasonCount {
    /// The beginning of the period.
    pub from: Timestamp,
    /// The [word](crate::FaultKind::word) for the reason.
    pub reason: String,
    /// How many texts; one with several reasons counts for each.
    pub texts: u64,
}

/// A text of the quarantine that can be taken as an entry by now: it becomes one, and leaves the quarantine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    /// Where it lies.
    pub from: QuarantineId,
    /// What it is.
    pub entry: NewEntry,
    /// When it arrived first: it is not as if it came now.
    pub received_at: Timestamp,
}

/// What is wrong with a text by now that stays in quarantine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejudged {
    /// Which text.
    pub id: QuarantineId,
    /// Everything that is wrong with it.
    pub faults: Vec<Fault>,
    /// The codebook that it was checked against.
    pub codebook: Option<CodebookVersion>,
}

/// What is left of a text that was thrown away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Discarded {
    /// What it was called.
    pub id: QuarantineId,
    /// When it had arrived.
    pub received_at: Timestamp,
    /// When it was thrown away.
    pub discarded_at: Timestamp,
    /// Why.
    pub reason: Reason,
    /// By whom, as long as there is such an account.
    pub by: Option<AccountId>,
}

/// Reads the quarantine, and throws away. What leaves it to become an entry goes through the [`LogWriter`](crate::LogWriter).
pub trait QuarantineStore: Send + Sync {
    /// A part of the list of a study's texts, the first received first.
    fn quarantine(
        &self,
        study: StudyId,
        filter: &QuarantineFilter,
        page: &PageRequest,
    ) -> Result<Paged<QuarantinedEntry>, StoreError>;

    /// The next texts of the list after that id, in order of ids: at most so many, and no more than makes about so many bytes, but one
    /// at least if there is one.
    fn next_quarantined(
        &self,
        study: StudyId,
        filter: &QuarantineFilter,
        after: QuarantineId,
        texts: u32,
        bytes: usize,
    ) -> Result<Vec<QuarantinedEntry>, StoreError>;

    /// One text; `None` if there is none, or it is of another study.
    fn quarantined(
        &self,
        study: StudyId,
        id: QuarantineId,
    ) -> Result<Option<QuarantinedEntry>, StoreError>;

    /// How many texts have which reason, by time of arrival: by period, then by reason. Of the filter, `from`, `to` and `reason` count.
    fn quarantine_reasons(
        &self,
        study: StudyId,
        filter: &QuarantineFilter,
        period: ReasonPeriod,
    ) -> Result<Vec<ReasonCount>, StoreError>;

    /// Keeps what is wrong with these texts by now, in the place of what was wrong before; what is no longer there is passed over. The
    /// revision of the study's entries changes, if any text was there.
    fn rejudge(&self, study: StudyId, texts: &[Rejudged], now: Timestamp)
    -> Result<(), StoreError>;

    /// Throws a text away for good, and keeps why and when. Error: [`StoreError::NotFound`].
    fn discard_quarantined(
        &self,
        study: StudyId,
        id: QuarantineId,
        reason: &Reason,
        by: Option<AccountId>,
        now: Timestamp,
    ) -> Result<Discarded, StoreError>;

    /// What is left of a text that was thrown away; `None` if there is none of that id.
    fn discarded(&self, study: StudyId, id: QuarantineId) -> Result<Option<Discarded>, StoreError>;
}

/// How many texts lie in the quarantine of a study, and how many of them are in conflict with an entry.
///
/// # Errors
///
/// Those of the store.
pub fn texts_and_conflicts(
    quarantine: &dyn QuarantineStore,
    study: StudyId,
) -> Result<(u64, u64), StoreError> {
    // The lists say how long they are, whatever part of them is asked for.
    let page = PageRequest {
        page: NonZeroU64::MIN,
        size: NonZeroU32::MIN,
    };
    let long = |filter| Ok(quarantine.quarantine(study, &filter, &page)?.total);
    let conflicts = QuarantineFilter {
        reason: Some(FaultKind::Conflict.word()),
        ..QuarantineFilter::default()
    };
    Ok((long(QuarantineFilter::default())?, long(conflicts)?))
}
