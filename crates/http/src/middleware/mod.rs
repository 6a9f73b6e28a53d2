//! What happens to every request, written once.

mod accept;
mod answer;
mod cors;
mod gate;

pub(crate) use accept::{accept, preferred};
pub(crate) use answer::answer;
pub(crate) use cors::preflight;
pub(crate) use gate::gate;
