//! Consents: what somebody allowed, refused or took back, and what follows for entries.

use crate::account::{set_of, words};
use crate::{
    AccountId, Hold, Holds, NoticeVersion, PageRequest, Paged, Pseudonym, StoreError, StudyId,
    Timestamp,
};
use serde::{Deserialize, Deserializer};
use std::collections::HashMap;
use std::fmt;

words!(
    /// What somebody's traces may be used for.
    Purpose {
        /// That they are collected at all.
        Collection = "collection",
        /// The research of the study.
        Research = "research",
        /// Research of others.
        Reuse = "reuse",
        /// A publication of the data.
        Publication = "publication",
    }
);

words!(
    /// What somebody decided.
    Decision {
        /// Yes.
        Given = "given",
        /// No, when asked.
        Refused = "refused",
        /// No longer.
        Withdrawn = "withdrawn",
    }
);

words!(
    /// By whom, and how, a decision was made.
    DecidedBy {
        /// By the participant.
        Participant = "self",
        /// By somebody who may decide for the participant.
        Guardian = "guardian",
        /// On a paper that lies elsewhere.
        Paper = "paper",
    }
);

set_of!(
    /// A set of purposes.
    Purposes, Purpose
);

impl<'de> Deserialize<'de> for Purposes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Vec::<Purpose>::deserialize(deserializer).map(|all| all.into_iter().collect())
    }
}

/// What somebody decided last of each purpose, and whether the use of what was collected is held up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Decisions {
    of: [Option<Decision>; Purpose::ALL.len()],
    holds: Holds,
}

impl Decisions {
    /// Of that purpose; `None` if nothing.
    pub const fn of(&self, purpose: Purpose) -> Option<Decision> {
        self.of[purpose as usize]
    }

    /// Decides about these purposes.
    pub fn decide(&mut self, decision: Decision, purposes: Purposes) {
        for purpose in purposes.iter() {
            self.of[purpose as usize] = Some(decision);
        }
    }

    /// What holds the use up.
    pub const fn holds(&self) -> Holds {
        self.holds
    }

    /// Holds it up by these from now on.
    pub fn hold(&mut self, holds: Holds) {
        self.holds = holds;
    }

    fn allow(&self, purpose: Purpose) -> bool {
        self.of(purpose) == Some(Decision::Given)
    }

    fn deny(&self, purpose: Purpose) -> bool {
        matches!(
            self.of(purpose),
            Some(Decision::Refused | Decision::Withdrawn)
        )
    }

    /// Whether a study that asks for `asked` may take entries of this person: not of one who objects.
    pub fn allow_arrival(&self, asked: Purposes) -> bool {
        let allowed = asked.is_empty() || self.allow(Purpose::Collection);
        allowed && !self.holds.contains(Hold::Objection)
    }

    /// Whether a study that asks for `asked` may use the entries of this person for that purpose.
    ///
    /// A study that asks for nothing stands on another ground than consent, and whoever said no is left out. One that asks needs a
    /// yes to the collection, and one to the purpose; to its own research only if it asks for that. What is held up is used for nothing.
    pub fn allow_use(&self, asked: Purposes, purpose: Purpose) -> bool {
        if !self.holds.is_empty() {
            return false;
        }
        if asked.is_empty() {
            return !self.deny(Purpose::Collection) && !self.deny(purpose);
        }
        let implied = purpose == Purpose::Research && !asked.contains(Purpose::Research);
        self.allow(Purpose::Collection) && (self.allow(purpose) || implied && !self.deny(purpose))
    }
}

/// Names the history of one person's decisions in a study: a keyed code, and another one than the pseudonym, so that a copy of the
/// database does not tell which traces a history belongs to.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ConsentCode([u8; 16]);

impl ConsentCode {
    /// From the keyed hash.
    pub const fn new(code: [u8; 16]) -> Self {
        Self(code)
    }

    /// The bytes.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Debug for ConsentCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// Which text somebody had before them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoticeShown {
    /// Its number.
    pub version: NoticeVersion,
    /// The language that it is in.
    pub language: String,
    /// SHA-256 of its text.
    pub hash: [u8; 32],
}

/// A decision that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consent {
    /// What was decided.
    pub decision: Decision,
    /// About what; never nothing.
    pub purposes: Purposes,
    /// On which notice; always there with [`Decision::Given`].
    pub notice: Option<NoticeShown>,
    /// By whom.
    pub by: DecidedBy,
    /// Where the paper lies, or what the guardian is known by. Names nobody.
    pub reference: Option<String>,
    /// The account of who runs the study and wrote it down, as long as there is one; never a participant's.
    pub recorded_by: Option<AccountId>,
}

/// A decision to be kept, of one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewConsent {
    /// Names the person's history.
    pub code: ConsentCode,
    /// Stands in the person's traces.
    pub pseudonym: Pseudonym,
    /// What was decided.
    pub consent: Consent,
}

/// A decision as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsentEvent {
    /// What was decided.
    pub consent: Consent,
    /// When it was written down.
    pub recorded_at: Timestamp,
}

/// Keeps consents: of each person a history, which only grows, and what holds now.
///
/// The two are kept apart. The history stands under a [`ConsentCode`], with its times; what holds stands under the pseudonym, without
/// any. Decisions of several people at once are kept in an order that is not theirs.
pub trait ConsentStore: Send + Sync {
    /// Adds decisions, all or none. Each holds from then on, for its purposes. The revision of the study's entries changes.
    ///
    /// Error: [`StoreError::NotFound`] without such a study.
    fn record_consents(
        &self,
        study: StudyId,
        new: &[NewConsent],
        now: Timestamp,
    ) -> Result<(), StoreError>;

    /// A part of one person's history, the last first.
    fn consents(
        &self,
        study: StudyId,
        code: &ConsentCode,
        page: &PageRequest,
    ) -> Result<Paged<ConsentEvent>, StoreError>;

    /// Forgets in one person's history where papers lie: they have a name on them. What was decided stays.
    fn forget_references(&self, study: StudyId, code: &ConsentCode) -> Result<(), StoreError>;

    /// What holds for these people; those who decided nothing are not among them.
    fn decisions(
        &self,
        study: StudyId,
        people: &[Pseudonym],
    ) -> Result<HashMap<Pseudonym, Decisions>, StoreError>;
}

#[cfg(test)]
mod tests {
    use super::*;
    use Decision::{Given, Refused, Withdrawn};
    use Purpose::{Collection, Publication, Research, Reuse};
    use proptest::prelude::*;
    use rstest::rstest;

    fn decided(all: &[(Decision, Purpose)]) -> Decisions {
        let mut decisions = Decisions::default();
        for (decision, purpose) in all {
            decisions.decide(*decision, Purposes::from_iter([*purpose]));
        }
        decisions
    }

    #[rstest]
    #[case(&[], &[], true)]
    #[case(&[], &[(Withdrawn, Collection)], true)]
    #[case(&[Collection], &[], false)]
    #[case(&[Collection], &[(Given, Collection)], true)]
    #[case(&[Collection], &[(Given, Research)], false)]
    #[case(&[Collection], &[(Refused, Collection)], false)]
    #[case(&[Collection], &[(Given, Collection), (Withdrawn, Collection)], false)]
    #[case(&[Collection, Research], &[(Given, Collection), (Refused, Research)], true)]
    fn entries_arrive_where_nothing_is_asked_or_collection_was_given(
        #[case] asked: &[Purpose],
        #[case] said: &[(Decision, Purpose)],
        #[case] taken: bool,
    ) {
        let asked = asked.iter().copied().collect();
        assert_eq!(decided(said).allow_arrival(asked), taken);
    }

    #[rstest]
    #[case(&[], Research, &[], true)]
    #[case(&[], Research, &[(Withdrawn, Collection)], false)]
    #[case(&[], Research, &[(Refused, Research)], false)]
    #[case(&[], Research, &[(Refused, Publication)], true)]
    #[case(&[], Publication, &[(Refused, Publication)], false)]
    #[case(&[Collection], Research, &[], false)]
    #[case(&[Collection], Research, &[(Given, Collection)], true)]
    #[case(&[Collection], Research, &[(Given, Collection), (Withdrawn, Research)], false)]
    #[case(&[Collection], Reuse, &[(Given, Collection)], false)]
    #[case(&[Collection, Research], Research, &[(Given, Collection)], false)]
    #[case(&[Collection, Research], Research, &[(Given, Collection), (Given, Research)], true)]
    #[case(&[Collection, Research], Research, &[(Given, Research), (Withdrawn, Collection)], false)]
    #[case(&[Collection, Publication], Publication, &[(Given, Collection), (Given, Publication)], true)]
    fn entries_serve_what_was_allowed(
        #[case] asked: &[Purpose],
        #[case] purpose: Purpose,
        #[case] said: &[(Decision, Purpose)],
        #[case] served: bool,
    ) {
        let asked = asked.iter().copied().collect();
        assert_eq!(decided(said).allow_use(asked, purpose), served);
    }

    #[rstest]
    #[case(Hold::Restriction, true)]
    #[case(Hold::Objection, false)]
    fn what_is_held_up_serves_nothing_until_that_is_lifted(
        #[case] hold: Hold,
        #[case] arrives: bool,
        #[values(&[], &[Collection], &[Collection, Research])] asked: &[Purpose],
    ) {
        let asked = asked.iter().copied().collect();
        let mut decisions = decided(&[(Given, Collection), (Given, Research)]);
        let mut holds = Holds::NONE;
        holds.set(hold, true);
        decisions.hold(holds);
        assert!(!decisions.allow_use(asked, Research));
        assert_eq!(decisions.allow_arrival(asked), arrives);
        holds.set(hold, false);
        decisions.hold(holds);
        assert!(decisions.allow_use(asked, Research));
        assert!(decisions.allow_arrival(asked));
    }

    proptest! {
        #[test]
        fn whoever_took_everything_back_is_used_for_nothing(asked in 0_u8..16, purpose in 0_usize..4) {
            let asked = Purposes::from_bits(asked).unwrap();
            let mut decisions = Decisions::default();
            decisions.decide(Given, Purposes::ALL);
            decisions.decide(Withdrawn, Purposes::ALL);
            prop_assert!(!decisions.allow_use(asked, Purpose::ALL[purpose]));
        }

        #[test]
        fn a_set_is_what_its_number_says(bits in 0_u8..=255) {
            match Purposes::from_bits(bits) {
                Some(set) => prop_assert_eq!(set.iter().collect::<Purposes>().bits(), bits),
                None => prop_assert!(bits > 15),
            }
        }
    }
}
