//! One function for each thing that can be asked: who, may they, do it, answer.

pub(crate) mod amendments;
pub(crate) mod clients;
pub(crate) mod codebook;
pub(crate) mod consents;
pub(crate) mod documentation;
pub(crate) mod exports;
pub(crate) mod grants;
pub(crate) mod health;
pub(crate) mod live;
pub(crate) mod log_deletion;
pub(crate) mod logs;
pub(crate) mod me;
pub(crate) mod members;
pub(crate) mod notice;
pub(crate) mod oauth;
pub(crate) mod own_consents;
pub(crate) mod own_export;
pub(crate) mod own_logs;
pub(crate) mod own_removal;
pub(crate) mod participants;
pub(crate) mod quality;
pub(crate) mod quarantine;
pub(crate) mod studies;
pub(crate) mod study_deletion;
pub(crate) mod token;
pub(crate) mod users;
