//! What requests leave in the audit log. It is done here, around every request, and in no controller.

mod table;
mod throttle;
mod told;
mod watch;
mod writer;

pub(crate) use table::{Watch, watch_of};
pub(crate) use told::{By, Mark, tell};
pub(crate) use watch::{before, looked_at, watch};
pub(crate) use writer::Audit;

#[cfg(test)]
mod tests;
