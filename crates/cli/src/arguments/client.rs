//! How `sillage client` is written.

use super::word;
use clap::{Args, Subcommand};
use sillage_auth::Scope;
use sillage_domain::{ClientId, ClientType, GrantType, Slug};

/// `sillage client`
#[derive(Debug, Subcommand)]
#[non_exhaustive]
pub enum ClientCommand {
    /// Register an application; the secret of a confidential one is shown this once
    Create(ClientCreate),
    /// List the registered applications
    List(ClientList),
    /// Give a confidential client a new secret, shown this once; the old one ends
    ResetSecret(ClientName),
    /// Let a client ask for no tokens, and refuse those that it got
    Deactivate(ClientName),
    /// Let a client ask for tokens again
    Activate(ClientName),
    /// Delete a client: all log-ins through it end
    Delete(ClientName),
}

/// `sillage client create`
#[derive(Debug, Args)]
pub struct ClientCreate {
    /// What it is called, for people
    pub name: String,
    /// The study that it is for [default: the whole platform]
    #[arg(long, value_name = "STUDY")]
    pub study: Option<Slug>,
    /// Whether it can keep a secret, as a server can, or runs on players' devices
    #[arg(long = "type", default_value = "public", value_parser = word(&["public", "confidential"], ClientType::from_word))]
    pub kind: ClientType,
    /// The ways to a token that it may use, between commas; client_credentials is for a confidential client of a study
    #[arg(long, value_delimiter = ',', default_value = "password,refresh_token",
        value_parser = word(&["password", "refresh_token", "client_credentials"], GrantType::from_word))]
    pub grants: Vec<GrantType>,
    /// A word of the widest scope that it may ask for; once for each word
    #[arg(long, value_name = "WORD", default_value = "all")]
    pub scope: Vec<Scope>,
}

/// `sillage client list`
#[derive(Debug, Args)]
pub struct ClientList {
    /// Only those of that study
    #[arg(long, value_name = "STUDY")]
    pub study: Option<Slug>,
    /// Only those with this in their name or id
    #[arg(long, value_name = "TEXT")]
    pub search: Option<String>,
}

/// A client that there is.
#[derive(Debug, Args)]
pub struct ClientName {
    /// Its id
    #[arg(value_name = "CLIENT_ID")]
    pub id: ClientId,
}
