#![doc = include_str!("../README.md")]

mod chunks;
mod error;
mod export;
mod flat;
mod guard;
mod long;
mod members;
mod ndjson;
mod row;
#[cfg(feature = "sheets")]
mod sheet;

pub use chunks::CHUNK;
pub use error::ExportError;
pub use export::{Export, Format, Profile, Shape, Written, file_name};
pub use flat::{MAX_COLUMN_NAME, MAX_COLUMNS, REST};
pub use long::COLUMNS;
#[cfg(feature = "sheets")]
pub use sheet::{Card, SHEET_POLICY, Sheet, SheetLanguage};
