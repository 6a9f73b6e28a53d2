#![doc = include_str!("../README.md")]

mod address;
mod backoff;
mod client;
mod counts;
mod courier;
mod entry;
mod event;
mod id;
mod keeper;
mod queue;
mod random;
mod settings;
mod settle;
mod shared;
mod time;
mod wire;

pub use address::StartError;
pub use client::{Client, NotRecorded, Session};
pub use counts::Counts;
pub use event::{DropReason, Event};
pub use id::EntryId;
pub use settings::{Account, FlushToDisk, Settings};
pub use shared::Connection;
