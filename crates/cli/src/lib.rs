#![doc = include_str!("../README.md")]

pub mod admin;
pub mod alerts;
pub mod archive;
mod arguments;
pub mod audit;
pub mod backup;
mod book;
pub mod client;
pub mod codebook;
pub mod codebook_put;
pub mod demo;
pub mod doctor;
pub mod erasures;
mod error;
pub mod export;
pub mod health;
pub mod import;
pub mod keys;
pub mod member;
pub mod migrate;
pub mod notice;
mod output;
pub mod papers;
pub mod participants;
mod progress;
pub mod pseudonymise;
pub mod quality;
pub mod requests;
pub mod restore;
pub mod retention;
pub mod study;
pub mod user;
mod workplace;

pub use arguments::{
    AccountsFormat, AdminCommand, AdminCreate, ArchiveArguments, Arguments, AuditCommand,
    AuditReferenceOf, BackupArguments, ClientCommand, ClientCreate, ClientList, ClientName,
    CodebookCheck, CodebookCommand, CodebookConvert, CodebookInfer, CodebookPutArguments, Command,
    ConfigCommand, DemoArguments, ErasuresCommand, ExportArguments, HandOut, HealthArguments,
    ImportCommand, ImportTsadk, KeysCommand, KeysExport, KeysImport, KeysRotate, Language, Layout,
    MemberAdd, MemberCommand, MemberList, MemberRemove, MigrateCommand, Notation, NoticeCommand,
    NoticeList, NoticePutArguments, PapersArguments, ParticipantsCommand, ParticipantsDelete,
    ParticipantsGenerate, ParticipantsImport, ParticipantsList, ParticipantsNamed,
    ParticipantsReset, Passphrase, PseudonymiseArguments, QualityArguments, RequestAnswer,
    RequestClose, RequestNamed, RequestPutOff, RequestRecord, RequestsCommand, RequestsList,
    RestoreArguments, RetentionArguments, ServeArguments, StudyCommand, StudyCreate, StudyName,
    TableFormat, UserCommand, UserCreate, UserDelete, UserList, UserName, UserReset,
};
pub use error::CommandError;
pub use output::Output;
pub use workplace::Workplace;
