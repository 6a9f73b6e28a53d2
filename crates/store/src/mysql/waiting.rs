//! Waiting on a thread for what async code does: one background thread hears all sockets, callers park until their answer is there.

use std::cell::Cell;
use std::pin::pin;
use std::sync::Arc;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;
use std::time::{Duration, Instant};
use tokio::runtime::{Builder, Runtime};

thread_local! {
    /// This thread's signal, while it is not in use: a row costs no allocation.
    static SPARE: Cell<Option<Arc<Signal>>> = const { Cell::new(None) };
}

struct Signal {
    thread: Thread,
    raised: AtomicBool,
}

impl Wake for Signal {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.raised.store(true, Ordering::Release);
        self.thread.unpark();
    }
}

/// The one runtime of the process. It is made for the first connection, and lives on.
pub(super) fn runtime() -> Result<&'static Runtime, &'static std::io::Error> {
    static RUNTIME: OnceLock<std::io::Result<Runtime>> = OnceLock::new();
    let made = RUNTIME.get_or_init(|| {
        Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("sillage-mysql")
            .enable_all()
            .build()
    });
    made.as_ref()
}

/// What the future comes to.
pub(super) fn wait<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    loop {
        // Without a reason to give up it only ever ends with the output.
        if let Some(output) = wait_while(&mut future, Duration::from_secs(3600), || true) {
            return output;
        }
    }
}

/// What the future comes to. Whenever nothing has happened for that long, `go_on` is asked whether there is a reason to wait on;
/// `None` if there is not.
pub(super) fn wait_while<F: Future>(
    future: F,
    patience: Duration,
    mut go_on: impl FnMut() -> bool,
) -> Option<F::Output> {
    // Where there is no runtime there is no connection, and nobody comes here.
    let _context = runtime().ok().map(Runtime::enter);
    let signal = SPARE.take().unwrap_or_else(|| {
        Arc::new(Signal {
            thread: std::thread::current(),
            raised: AtomicBool::new(false),
        })
    });
    let waker = Waker::from(signal.clone());
    let mut future = pin!(future);
    let output = loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            break Some(output);
        }
        if !parked(&signal, patience, &mut go_on) {
            break None;
        }
    };
    SPARE.set(Some(signal));
    output
}

/// Parks until the signal is raised; false if waiting on makes no sense.
fn parked(signal: &Signal, patience: Duration, go_on: &mut impl FnMut() -> bool) -> bool {
    let mut since = Instant::now();
    while !signal.raised.swap(false, Ordering::Acquire) {
        let left = patience.saturating_sub(since.elapsed());
        if !left.is_zero() {
            std::thread::park_timeout(left);
        } else if go_on() {
            since = Instant::now();
        } else {
            return false;
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::{pending, ready};

    const SOON: Duration = Duration::from_millis(5);

    #[test]
    fn what_is_ready_is_not_waited_for() {
        assert_eq!(wait(ready(7)), 7);
        assert_eq!(wait_while(ready(7), Duration::ZERO, || false), Some(7));
    }

    #[test]
    fn what_another_thread_does_is_heard() {
        let slow = async {
            tokio::time::sleep(SOON).await;
            7
        };
        assert_eq!(wait(slow), 7);
    }

    #[test]
    fn what_takes_long_is_waited_for_as_long_as_there_is_a_reason() {
        let mut asked = 0;
        let given_up = wait_while(pending::<()>(), SOON, || {
            asked += 1;
            // To ask, one may wait for something else meanwhile.
            wait(tokio::time::sleep(SOON));
            asked < 3
        });
        assert_eq!((given_up, asked), (None, 3));
    }
}
