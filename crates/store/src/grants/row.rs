//! Rows of grants, read and written.

use crate::error::Error;
use crate::logs::instant;
use crate::schema::grants;
use diesel::prelude::*;
use sillage_domain::{
    AccountId, Grant, GrantId, NewGrant, RefreshChain, Spent, Timestamp, TokenHash,
};
use uuid::Uuid;

#[derive(Queryable, Selectable)]
#[diesel(table_name = grants)]
pub(super) struct Row {
    id: Vec<u8>,
    account_id: Option<i64>,
    client_id: Option<String>,
    scope: String,
    token_round: i64,
    created_us: i64,
    used_us: i64,
    ends_us: Option<i64>,
    refresh_family: Option<Vec<u8>>,
    refresh_hash: Option<Vec<u8>>,
    spent_hash: Option<Vec<u8>>,
    spent_us: Option<i64>,
}

#[derive(Insertable)]
#[diesel(table_name = grants, treat_none_as_default_value = false)]
pub(super) struct NewRow<'a> {
    id: &'a [u8],
    account_id: Option<i64>,
    client_id: Option<&'a str>,
    scope: &'a str,
    token_round: i64,
    created_us: i64,
    used_us: i64,
    ends_us: Option<i64>,
    refresh_family: Option<&'a [u8]>,
    refresh_hash: Option<&'a [u8]>,
}

impl<'a> NewRow<'a> {
    pub(super) fn new(grant: &'a NewGrant, now: Timestamp) -> Self {
        let refresh = grant.refresh.as_ref();
        Self {
            id: grant.id.0.as_bytes(),
            account_id: grant.account.map(|account| account.0),
            client_id: grant.client.as_deref(),
            scope: &grant.scope,
            token_round: 0,
            created_us: now.micros(),
            used_us: now.micros(),
            ends_us: grant.ends_at.map(Timestamp::micros),
            refresh_family: refresh.map(|hashes| hashes.family.as_bytes().as_slice()),
            refresh_hash: refresh.map(|hashes| hashes.token.as_bytes().as_slice()),
        }
    }
}

impl TryFrom<Row> for Grant {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        let id = Uuid::from_slice(&row.id)
            .map_err(|_| Error::Damaged("grants: an id of another length".into()))?;
        let hash = |bytes: Vec<u8>| match <[u8; 32]>::try_from(bytes) {
            Ok(hash) => Ok(TokenHash::new(hash)),
            Err(_) => Err(Error::Damaged(format!("grants {id}: a hash"))),
        };
        let spent = match (row.spent_hash, row.spent_us) {
            (Some(token), Some(at)) => Some(Spent {
                token: hash(token)?,
                at: instant(at)?,
            }),
            _ => None,
        };
        let refresh = match (row.refresh_family, row.refresh_hash) {
            (Some(family), Some(current)) => Some(RefreshChain {
                family: hash(family)?,
                current: hash(current)?,
                spent,
            }),
            _ => None,
        };
        Ok(Self {
            id: GrantId(id),
            account: row.account_id.map(AccountId),
            client: row.client_id,
            scope: row.scope,
            round: row.token_round,
            created_at: instant(row.created_us)?,
            used_at: instant(row.used_us)?,
            ends_at: row.ends_us.map(instant).transpose()?,
            refresh,
        })
    }
}
