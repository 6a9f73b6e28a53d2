//! The ports in memory, which is real and keeps every rule but durability, and the contract suite that every store passes.

#![expect(clippy::expect_used, reason = "a test that can't go on ends here")]

pub mod contract;
pub mod fixtures;
mod memory;
mod memory_accounts;
mod memory_alerts;
mod memory_amendments;
mod memory_audit;
mod memory_clients;
mod memory_codebooks;
mod memory_consents;
mod memory_deletion;
mod memory_disputes;
mod memory_erasure;
mod memory_grants;
mod memory_holds;
mod memory_ledger;
mod memory_live;
mod memory_logs;
mod memory_monitor;
mod memory_moving;
mod memory_people;
mod memory_quarantine;
mod memory_reidentification;
mod memory_requests;
mod memory_retention;
mod memory_tombstones;
mod memory_vault;

pub use memory::MemoryStore;
pub use memory_vault::MemoryKeyPlace;

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Waits on this thread for a future that other threads complete, such as a submission.
pub fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    loop {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(value) => return value,
            Poll::Pending => std::thread::park(),
        }
    }
}
