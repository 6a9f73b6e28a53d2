//! How many may listen, and until when.

use crate::error::ApiError;
use crate::messages;
use sillage_domain::SubjectId;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::watch;

/// All together. Each has a connection, and asks once in a second whether it still may.
const ALL: usize = 256;
/// Of one account: a few browsers with a few pages.
const OF_ONE: usize = 16;

/// Those who listen now.
pub(crate) struct Listeners {
    of: Mutex<HashMap<SubjectId, usize>>,
    stopping: watch::Sender<bool>,
}

/// The place of one who listens, free again when it is dropped.
pub(crate) struct Place {
    of: Arc<Listeners>,
    whose: SubjectId,
    stopping: watch::Receiver<bool>,
}

impl Default for Listeners {
    fn default() -> Self {
        Self {
            of: Mutex::default(),
            stopping: watch::Sender::new(false),
        }
    }
}

impl Listeners {
    /// A place for one more.
    pub(crate) fn place(self: &Arc<Self>, whose: SubjectId) -> Result<Place, ApiError> {
        let mut of = self.of.lock().unwrap_or_else(PoisonError::into_inner);
        let own = of.get(&whose).copied().unwrap_or_default();
        if own >= OF_ONE || of.values().sum::<usize>() >= ALL {
            return Err(messages::too_many_listeners().into());
        }
        of.insert(whose, own + 1);
        Ok(Place {
            of: Arc::clone(self),
            whose,
            stopping: self.stopping.subscribe(),
        })
    }

    /// Sends away all who listen, and who comes from now on, until it is undone.
    pub(crate) fn stop(&self, stop: bool) {
        self.stopping.send_replace(stop);
    }
}

impl Place {
    /// Resolves when nobody may listen any more.
    pub(crate) async fn stopped(&mut self) {
        // It outlives its receivers: an error would be the end all the same.
        let _ = self.stopping.wait_for(|stop| *stop).await;
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut of = self.of.of.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(own) = of.get_mut(&self.whose) {
            *own -= 1;
            if *own == 0 {
                of.remove(&self.whose);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_bounded_for_one_and_for_all_and_free_again_with_their_end() {
        let listeners = Arc::new(Listeners::default());
        let place = |n: usize| listeners.place(SubjectId::new((n as u128).to_be_bytes()));
        let mut own: Vec<_> = (0..OF_ONE).map(|_| place(0).unwrap()).collect();
        assert!(place(0).is_err());
        let others: Vec<_> = (OF_ONE..ALL).map(|n| place(n).unwrap()).collect();
        assert!(place(ALL).is_err());
        own.pop();
        assert!(place(0).is_ok());
        drop((own, others));
        assert!(listeners.of.lock().unwrap().is_empty());
    }
}
