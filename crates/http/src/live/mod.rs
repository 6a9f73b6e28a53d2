//! Who plays now: what arrived under each pseudonym is counted in memory, and put beside the accounts for as long as it takes to
//! answer. Neither leads to the other outside of this process.

mod listeners;
mod stream;

pub(crate) use listeners::{Listeners, Place};
pub(crate) use stream::Listening;

use crate::api::{Api, Inner};
use crate::error::ApiError;
use crate::identity::KnownStudy;
use crate::messages;
use sillage_domain::{
    LogNumber, PageRequest, Paged, ParticipantNumber, Player, Pseudonym, StudyId, Timestamp,
    Username,
};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// Studies that are followed at the same time; of one that nobody looks at, the counts are forgotten first.
const STUDIES: usize = 64;
/// Who was heard of in the last minutes is connected. Somebody who thinks about a riddle is still there.
const CONNECTED: i64 = 5;
const MINUTE: i64 = 60_000_000;

/// What is known of one account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) username: Username,
    pub(crate) number: ParticipantNumber,
    pub(crate) connected: bool,
    /// The minute of it.
    pub(crate) last_entry: Option<Timestamp>,
    pub(crate) entries: u64,
}

/// The accounts of a study, by number, as they were at some moment.
pub(crate) type Sight = Arc<Vec<Seen>>;

/// A part of the list.
pub(crate) fn part(sight: &Sight, page: PageRequest) -> Paged<&Seen> {
    let before = usize::try_from(page.offset()).unwrap_or(usize::MAX);
    let size = page.size.get() as usize;
    Paged {
        items: sight.iter().skip(before).take(size).collect(),
        total: sight.len() as u64,
    }
}

/// The studies that are followed, as far as they were read.
#[derive(Default)]
pub(crate) struct Followed(Mutex<HashMap<StudyId, Arc<Study>>>);

/// One study. Who looks first reads for all who wait.
#[derive(Default)]
struct Study {
    turn: tokio::sync::Mutex<()>,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    tally: Tally,
    /// What was seen last, and when somebody began to look.
    last: Option<(Instant, Sight)>,
}

/// What arrived under each pseudonym, up to a number. It only ever grows, so that each look reads what is new.
struct Tally {
    epoch: String,
    upto: LogNumber,
    of: HashMap<Pseudonym, (u64, Timestamp)>,
}

impl Default for Tally {
    fn default() -> Self {
        Self {
            epoch: String::new(),
            upto: LogNumber(0),
            of: HashMap::new(),
        }
    }
}

impl Followed {
    fn study(&self, id: StudyId) -> Arc<Study> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= STUDIES && !all.contains_key(&id) {
            all.retain(|_, study| Arc::strong_count(study) > 1);
        }
        Arc::clone(all.entry(id).or_default())
    }
}

impl Study {
    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What somebody saw who began to look then or later.
    fn seen_since(&self, since: Instant) -> Option<Sight> {
        let known = self.known();
        let last = known.last.as_ref().filter(|(began, _)| *began >= since);
        last.map(|(_, sight)| Arc::clone(sight))
    }

    fn look(&self, inner: &Inner, study: &KnownStudy) -> Result<Sight, ApiError> {
        let (began, now) = (Instant::now(), inner.now());
        let mut known = self.known();
        let id = study.study.id;
        if inner.ports.studies.study(id)?.is_none() {
            return Err(messages::not_found().into());
        }
        known.tally.read_on(inner, id)?;
        let players = inner.ports.live.players(id)?;
        let seen = |player: Player| {
            let arrived = known.tally.of.get(&study.pseudonym(&player.subject));
            Seen::of(player, arrived.copied(), now)
        };
        let sight: Sight = Arc::new(players.into_iter().map(seen).collect());
        known.last = Some((began, Arc::clone(&sight)));
        Ok(sight)
    }
}

impl Tally {
    fn read_on(&mut self, inner: &Inner, study: StudyId) -> Result<(), ApiError> {
        let reached = self.read_after(inner, study)?;
        if reached != self.epoch {
            // Another archive: numbers may mean something else.
            *self = Self::default();
            self.epoch = self.read_after(inner, study)?;
        }
        Ok(())
    }

    /// Reads what is new, and gives the epoch that it is of. After an error, nothing that was read counts.
    fn read_after(&mut self, inner: &Inner, study: StudyId) -> Result<String, ApiError> {
        let mut new: HashMap<Pseudonym, (u64, Timestamp)> = HashMap::new();
        let reached = inner
            .ports
            .live
            .arrivals(study, self.upto, &mut |who, when| {
                let (entries, last) = new.entry(who).or_insert((0, when));
                *entries += 1;
                *last = when.max(*last);
            })?;
        for (who, (entries, last)) in new {
            let known = self.of.entry(who).or_insert((0, last));
            *known = (known.0 + entries, known.1.max(last));
        }
        self.upto = reached.upto;
        Ok(reached.epoch)
    }
}

impl Seen {
    /// Of times, only the minute is looked at: whoever also reads the entries learns no more from when something changes here.
    fn of(player: Player, arrived: Option<(u64, Timestamp)>, now: Timestamp) -> Self {
        let last_entry = arrived.map(|(_, last)| minute(last));
        let heard = last_entry.max(player.used_at.map(minute));
        let since = minute(now).micros().saturating_sub(CONNECTED * MINUTE);
        Self {
            connected: player.active && heard.is_some_and(|heard| heard.micros() >= since),
            username: player.username,
            number: player.number,
            last_entry,
            entries: arrived.map_or(0, |(entries, _)| entries),
        }
    }
}

/// The beginning of its minute.
fn minute(at: Timestamp) -> Timestamp {
    let micros = at.micros();
    Timestamp::from_micros(micros - micros.rem_euclid(MINUTE)).unwrap_or(at)
}

impl Api {
    /// The accounts of that study as somebody sees them who looks now, or as somebody did who began to look since then.
    pub(crate) async fn sight(
        &self,
        study: &Arc<KnownStudy>,
        since: Instant,
    ) -> Result<Sight, ApiError> {
        let followed = self.0.followed.study(study.study.id);
        let _turn = followed.turn.lock().await;
        if let Some(sight) = followed.seen_since(since) {
            return Ok(sight);
        }
        let (followed, study) = (Arc::clone(&followed), Arc::clone(study));
        self.off(move |inner| followed.look(inner, &study)).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use sillage_domain::SubjectId;

    fn at(time: &str) -> Timestamp {
        time.parse().unwrap()
    }

    #[rstest]
    #[case(Some("2024-06-01T11:55:00Z"), None, true, true)]
    #[case(Some("2024-06-01T11:54:59.999999Z"), None, true, false)]
    #[case(None, Some("2024-06-01T11:55:59Z"), true, true)]
    #[case(Some("2024-06-01T08:00:00Z"), Some("2024-06-01T11:59:00Z"), true, true)]
    #[case(
        Some("2024-06-01T08:00:00Z"),
        Some("2024-06-01T09:00:00Z"),
        true,
        false
    )]
    #[case(Some("2024-06-01T12:00:00Z"), None, false, false)]
    #[case(None, None, true, false)]
    fn who_was_heard_of_within_five_minutes_is_connected(
        #[case] entry: Option<&str>,
        #[case] log_in: Option<&str>,
        #[case] active: bool,
        #[case] connected: bool,
    ) {
        let player = Player {
            subject: SubjectId::new([0; 16]),
            username: "ada".parse().unwrap(),
            number: ParticipantNumber(1),
            active,
            used_at: log_in.map(at),
        };
        let seen = Seen::of(
            player,
            entry.map(|time| (3, at(time))),
            at("2024-06-01T12:00:59Z"),
        );
        assert_eq!(seen.connected, connected);
    }

    #[test]
    fn of_a_time_the_minute_is_left() {
        assert_eq!(
            minute(at("2024-06-01T11:54:59.999999Z")),
            at("2024-06-01T11:54:00Z")
        );
        assert_eq!(
            minute(at("1969-12-31T23:59:59Z")),
            at("1969-12-31T23:59:00Z")
        );
    }
}
