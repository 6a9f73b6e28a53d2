//! Rows of clients, read and written.

use super::search_text;
use crate::error::Error;
use crate::logs::instant;
use crate::schema::clients;
use diesel::prelude::*;
use sillage_domain::{Client, GrantType, SecretHash, StudyId};

#[derive(Queryable, Selectable)]
#[diesel(table_name = clients)]
pub(super) struct Row {
    client_id: String,
    name: String,
    secret_hash: Option<String>,
    study_id: Option<i64>,
    grants: String,
    scope: String,
    active: bool,
    created_us: i64,
    revision: i64,
}

/// The columns that a change may write.
#[derive(Insertable, AsChangeset)]
#[diesel(table_name = clients, treat_none_as_default_value = false, treat_none_as_null = true)]
pub(super) struct Changeable<'a> {
    name: &'a str,
    secret_hash: Option<String>,
    grants: String,
    scope: &'a str,
    active: bool,
    revision: i64,
    search_text: String,
}

pub(super) fn changeable(client: &Client) -> Changeable<'_> {
    let grants: Vec<_> = client.grants.iter().map(|grant| grant.as_str()).collect();
    Changeable {
        name: &client.name,
        secret_hash: client.secret_hash.as_ref().map(hex),
        grants: grants.join(" "),
        scope: &client.scope,
        active: client.active,
        revision: client.revision,
        search_text: search_text(client),
    }
}

fn hex(hash: &SecretHash) -> String {
    hash.as_bytes().iter().map(|b| format!("{b:02x}")).collect()
}

fn from_hex(text: &str) -> Option<SecretHash> {
    let mut bytes = [0; 32];
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    for (place, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[2 * place..2 * place + 2], 16).ok()?;
    }
    Some(SecretHash::new(bytes))
}

impl TryFrom<Row> for Client {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        let broken = |column| Error::Damaged(format!("clients {}: {column}", row.client_id));
        let grants = row
            .grants
            .split(' ')
            .filter(|word| !word.is_empty())
            .map(|word| GrantType::from_word(word).ok_or_else(|| broken("grants")))
            .collect::<Result<_, _>>()?;
        let secret_hash = row
            .secret_hash
            .as_deref()
            .map(|text| from_hex(text).ok_or_else(|| broken("secret_hash")))
            .transpose()?;
        Ok(Self {
            id: row.client_id.parse().map_err(|_| broken("client_id"))?,
            created_at: instant(row.created_us)?,
            name: row.name,
            study: row.study_id.map(StudyId),
            secret_hash,
            grants,
            scope: row.scope,
            active: row.active,
            revision: row.revision,
        })
    }
}
