//! Why the program ends with another code than 0.

use crate::settings::SettingsError;
use sillage_auth::{PasswordError, SigningKeyError};
use sillage_cli::CommandError;
use sillage_cli::alerts::WebhookError;
use sillage_domain::{StoreError, VaultError};
use sillage_http::SetupError;
use sillage_pseudonym::{BundleError, KeyError, RandomError, SealError};
use sillage_store::OpenError;
use std::error::Error;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Why the program ends with another code than 0.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum Failure {
    #[error(transparent)]
    Settings(#[from] SettingsError),
    #[error("the settings can't be used: {0}")]
    Rule(&'static str),
    #[error("the settings can't be used: {0}")]
    Setup(#[from] SetupError),
    #[error(
        "[server] trusted_proxies has `{0}`: it must be an address, 10.0.0.7, or a network, 10.0.0.0/8"
    )]
    Proxy(String),
    #[error("the settings can't be used: [alerts] webhook: {0}")]
    Webhook(#[from] WebhookError),
    #[error("the settings can't be used: {0}")]
    Cost(#[from] PasswordError),
    #[error(transparent)]
    Command(#[from] CommandError),
    #[error("{}: {what}", .path.display())]
    File {
        path: PathBuf,
        what: &'static str,
        source: io::Error,
    },
    #[error("[keys] root_key and root_key_file are both set: only one can hold the root key")]
    TwoRootKeys,
    #[error("the root key{}: {source}", .path.as_ref().map_or(String::new(), |path| format!(" in {}", path.display())))]
    RootKey {
        path: Option<PathBuf>,
        source: KeyError,
    },
    #[error("{}: others than its owner can read the root key; run `chmod 600 {}`", .path.display(), .path.display())]
    OpenKeyFile { path: PathBuf },
    #[error(
        "this database belongs to another root key (fingerprint {theirs}; the one that was given has {ours}). Nothing was \
         written. Give the key that it was begun with in [keys] root_key_file or root_key: without it the pseudonyms of its \
         participants can't be computed"
    )]
    OtherRootKey { ours: String, theirs: String },
    #[error("[database] url is `{url}`: it must begin with {known}")]
    Scheme { url: String, known: String },
    #[error("{url}: {source}")]
    Open { url: String, source: OpenError },
    #[error("the database failed")]
    Store(#[from] StoreError),
    #[error("there is no root key yet: the first start makes it")]
    NoRootKey,
    #[error(
        "the root key is in [keys] root_key of the settings, and is another one: take it out there first"
    )]
    RootKeyInSettings,
    #[error("the keys can't be unlocked: {0}")]
    Bundle(#[from] BundleError),
    #[error("the vault can't be used")]
    Vault(#[from] VaultError),
    #[error("the keys that sign tokens can't be used")]
    SigningKeys(#[from] SigningKeyError),
    #[error("the key that signs tokens can't be sealed")]
    Seal(#[from] SealError),
    #[error(transparent)]
    Random(#[from] RandomError),
    #[error("{address} can't be listened on")]
    Bind {
        address: SocketAddr,
        source: io::Error,
    },
    #[error("the server failed")]
    Serve(#[source] io::Error),
    #[error("the demonstration wants an empty database, and this one was used before")]
    UsedDatabase,
    #[error("this version can't do `{0}`")]
    NotHere(String),
    #[error("a thread of the server panicked")]
    Panicked,
}

impl Failure {
    /// 2 where something was asked for wrongly, 1 otherwise; 0 where whoever read the output had enough of it.
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Self::Command(error) => error.exit_code(),
            _ => 1,
        }
    }

    /// Whether there is nobody to tell.
    pub(crate) fn is_silent(&self) -> bool {
        matches!(self, Self::Command(error) if error.reader_is_gone())
    }

    /// What went wrong, and why, and why that.
    pub(crate) fn told(&self) -> String {
        let mut text = self.to_string();
        let mut source = self.source();
        while let Some(error) = source {
            let cause = error.to_string();
            // Some errors repeat their source in their own words.
            if !text.contains(&cause) {
                text.push_str(": ");
                text.push_str(&cause);
            }
            source = error.source();
        }
        text
    }
}
