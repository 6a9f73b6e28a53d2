//! How things look in JSON.

pub(crate) mod amendment;
pub(crate) mod audit;
pub(crate) mod client;
pub(crate) mod codebook;
pub(crate) mod consent;
pub(crate) mod error;
mod flat;
pub(crate) mod grant;
pub(crate) mod identity;
pub(crate) mod live;
pub(crate) mod log;
pub(crate) mod me;
pub(crate) mod notice;
pub(crate) mod oauth;
pub(crate) mod own_data;
pub(crate) mod page;
pub(crate) mod participant;
pub(crate) mod quality;
pub(crate) mod quarantine;
pub(crate) mod receipt;
pub(crate) mod reidentification;
pub(crate) mod removal;
pub(crate) mod request;
pub(crate) mod rights;
pub(crate) mod study;
pub(crate) mod token;
pub(crate) mod user;
