#![doc = include_str!("../README.md")]

pub mod address;
pub mod api;
pub mod child;
pub mod closed;
pub mod compare;
pub mod floor;
pub mod ids;
pub mod latency;
pub mod play;
pub mod recording;
pub mod relay;
pub mod report;
pub mod requests;
pub mod server;
pub mod spread;
pub mod verify;
pub mod wire;

/// Why something was not measured: said to whoever measures, and never handled by its kind.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;
/// What a measurement gives.
pub type Result<T> = std::result::Result<T, Failure>;

/// What requests say they come from.
pub const USER_AGENT: &str = concat!("sillage-load/", env!("CARGO_PKG_VERSION"));
