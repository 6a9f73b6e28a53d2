#![doc = include_str!("../README.md")]

mod chunks;
mod cleaning;
mod codebook_csv;
mod deidentified;
mod error;
mod export;
mod flat;
mod guard;
mod long;
mod ndjson;
mod papers;
mod row;
#[cfg(feature = "sheets")]
mod sheet;
mod table_schema;
mod tables;
mod text_table;
mod wide;

pub use chunks::CHUNK;
pub use cleaning::{Cleaning, CleaningRule, REASON_COLUMNS};
pub use codebook_csv::{CODEBOOK_COLUMNS, write_codebook};
pub use deidentified::Deidentified;
pub use error::ExportError;
pub use export::{Export, Format, Profile, Reading, Shape, View, Written, file_name};
pub use flat::{MAX_COLUMN_NAME, MAX_COLUMNS, REST};
pub use long::{COLUMNS, DISPUTED, REVISION, own_columns};
pub use papers::{
    ActionFact, FieldFact, Gap, KEPT_BY_SERVER, Measure, NoticeFact, Paper, PaperLanguage, Papers,
    Record, StudyFact, Transfer,
};
#[cfg(feature = "sheets")]
pub use sheet::{Card, SHEET_POLICY, Sheet, SheetLanguage};
pub use tables::{PARTICIPANT_COLUMNS, SESSION_COLUMNS, Table};
pub use text_table::TextTable;
pub use wide::{ENVELOPE, UNDECLARED, WideTable};
