//! Who may write next.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// A lock that is given in the order of asking.
///
/// SQLite has one writer at a time and lets those who wait sleep and try again, so that one who writes all the time (the ingest) would starve the
/// others. Threads of this process queue here before they ask SQLite.
#[derive(Debug, Default)]
pub(crate) struct Turn {
    tickets: Mutex<Tickets>,
    called: Condvar,
}

#[derive(Debug, Default)]
struct Tickets {
    /// The next that is given out.
    next: u64,
    /// The one whose turn it is.
    now: u64,
}

impl Turn {
    /// Waits until all who asked before are done.
    pub(crate) fn take(&self) -> Taken<'_> {
        let mut tickets = self.tickets();
        let mine = tickets.next;
        tickets.next += 1;
        while tickets.now != mine {
            tickets = self
                .called
                .wait(tickets)
                .unwrap_or_else(PoisonError::into_inner);
        }
        Taken(self)
    }

    fn tickets(&self) -> MutexGuard<'_, Tickets> {
        // Two counters are whole at any moment.
        self.tickets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The turn, until it is dropped.
pub(crate) struct Taken<'a>(&'a Turn);

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        self.0.tickets().now += 1;
        self.0.called.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_come_in_the_order_of_asking() {
        let turn = Turn::default();
        let order = Mutex::new(Vec::new());
        std::thread::scope(|scope| {
            let first = turn.take();
            for n in 0..4 {
                let (turn, order) = (&turn, &order);
                scope.spawn(move || {
                    let _mine = turn.take();
                    order.lock().unwrap().push(n);
                });
                while turn.tickets().next != n + 2 {
                    std::thread::yield_now();
                }
            }
            drop(first);
        });
        assert_eq!(*order.lock().unwrap(), [0, 1, 2, 3]);
    }
}
