#![doc = include_str!("../README.md")]

mod api;
mod cache;
mod client_authentication;
mod clients;
mod codes;
mod controllers;
mod enrolment;
mod error;
mod extractors;
mod files;
mod grants;
mod hashing;
mod identity;
mod intake;
mod introspection;
mod keyring;
mod language;
mod logbook;
mod messages;
mod middleware;
mod openapi;
mod people;
mod removal;
mod response;
mod routes;
mod server;
mod settings;
mod validation;
mod views;

pub use api::{Api, Keys};
pub use codes::Code;
pub use keyring::UpkeepError;
pub use openapi::document;
pub use routes::configure;
pub use server::serve;
pub use settings::{GENERATED_COST, HttpSettings, SetupError};
