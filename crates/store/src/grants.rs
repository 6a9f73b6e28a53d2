//! Grants: log-ins, and the hashes of their refresh tokens.

mod row;

use crate::connection::Conn;
use crate::database::Database;
use crate::error::Error;
use crate::paging;
use crate::schema::grants;
use crate::store::Store;
use diesel::dsl::not;
use diesel::prelude::*;
use row::{NewRow, Row};
use sillage_domain::{
    AccountId, Grant, GrantId, GrantStore, MAX_GRANTS, NewGrant, PageRequest, Paged, RefreshHashes,
    Renewal, StoreError, Timestamp, TokenHash,
};

fn begin(conn: &mut Conn, new: &NewGrant, now: Timestamp) -> Result<(), Error> {
    make_room(conn, new)?;
    diesel::insert_into(grants::table)
        .values(NewRow::new(new, now))
        .execute(conn)?;
    Ok(())
}

/// Ends what was used least recently of the same account or client, if there is as much as there may be.
fn make_room(conn: &mut Conn, new: &NewGrant) -> Result<(), Error> {
    let held = || match (new.account, &new.client) {
        (Some(account), _) => Some(
            grants::table
                .filter(grants::account_id.eq(account.0))
                .into_boxed(),
        ),
        (None, Some(client)) => Some(
            grants::table
                .filter(grants::account_id.is_null())
                .filter(grants::client_id.eq(client))
                .into_boxed(),
        ),
        (None, None) => None,
    };
    let (Some(counted), Some(listed)) = (held(), held()) else {
        return Ok(());
    };
    let count: i64 = counted.count().get_result(conn)?;
    let surplus = count + 1 - i64::from(MAX_GRANTS);
    if surplus > 0 {
        let oldest: Vec<Vec<u8>> = listed
            .order((grants::used_us, grants::id))
            .limit(surplus)
            .select(grants::id)
            .load(conn)?;
        diesel::delete(grants::table.filter(grants::id.eq_any(oldest))).execute(conn)?;
    }
    Ok(())
}

fn by_id(conn: &mut Conn, id: GrantId) -> Result<Option<Grant>, Error> {
    let found = grants::table.find(id.0.as_bytes().as_slice());
    let row: Option<Row> = found.select(Row::as_select()).first(conn).optional()?;
    row.map(Grant::try_from).transpose()
}

fn by_family(conn: &mut Conn, family: &TokenHash) -> Result<Option<Grant>, Error> {
    let found = grants::table.filter(grants::refresh_family.eq(family.as_bytes().as_slice()));
    let row: Option<Row> = found.select(Row::as_select()).first(conn).optional()?;
    row.map(Grant::try_from).transpose()
}

fn renew(
    conn: &mut Conn,
    presented: &RefreshHashes,
    successor: &TokenHash,
    ends_at: Option<Timestamp>,
    now: Timestamp,
) -> Result<Renewal, Error> {
    let Some(grant) = by_family(conn, &presented.family)? else {
        return Ok(Renewal::Unknown);
    };
    let Some(chain) = grant.refresh else {
        return Ok(Renewal::Unknown);
    };
    let row = grants::table.find(grant.id.0.as_bytes().as_slice());
    let Some(next) = chain.after(&presented.token, *successor, now) else {
        diesel::delete(row).execute(conn)?;
        return Ok(Renewal::Reused);
    };
    let spent = next.spent;
    // As long as nobody else was faster.
    let unchanged = row
        .filter(grants::refresh_hash.eq(chain.current.as_bytes().as_slice()))
        .filter(grants::token_round.eq(grant.round));
    let renewed = diesel::update(unchanged)
        .set((
            grants::refresh_hash.eq(next.current.as_bytes().as_slice()),
            grants::spent_hash.eq(spent.as_ref().map(|s| s.token.as_bytes().as_slice())),
            grants::spent_us.eq(spent.map(|s| s.at.micros())),
            grants::ends_us.eq(ends_at.map(Timestamp::micros)),
            grants::used_us.eq(now.micros()),
        ))
        .execute(conn)?;
    if renewed == 1 {
        Ok(Renewal::Renewed { round: grant.round })
    } else {
        Err(Error::Race)
    }
}

fn list(
    db: &Database,
    account: AccountId,
    now: Timestamp,
    page: &PageRequest,
) -> Result<Paged<Grant>, Error> {
    let living = || {
        grants::table
            .filter(grants::account_id.eq(account.0))
            .filter(
                grants::ends_us
                    .is_null()
                    .or(grants::ends_us.gt(now.micros())),
            )
    };
    let mut conn = db.reader()?;
    let total: i64 = living().count().get_result(&mut *conn)?;
    let rows: Vec<Row> = living()
        .order((grants::created_us.desc(), grants::id.desc()))
        .offset(paging::offset(page))
        .limit(page.size.get().into())
        .select(Row::as_select())
        .load(&mut *conn)?;
    paging::paged(total, rows, Grant::try_from)
}

/// Ends all grants of an account, in a transaction that changes the account.
pub(crate) fn end_of(conn: &mut Conn, account: AccountId) -> Result<(), Error> {
    let all = grants::table.filter(grants::account_id.eq(account.0));
    diesel::delete(all).execute(conn)?;
    Ok(())
}

/// Ends all grants of an account but one.
pub(crate) fn end_others_of(
    conn: &mut Conn,
    account: AccountId,
    kept: Option<GrantId>,
) -> Result<(), Error> {
    let Some(kept) = kept else {
        return end_of(conn, account);
    };
    let others = grants::table
        .filter(grants::account_id.eq(account.0))
        .filter(grants::id.ne(kept.0.as_bytes().as_slice()));
    diesel::delete(others).execute(conn)?;
    Ok(())
}

fn end_tokens(conn: &mut Conn, id: GrantId) -> Result<(), Error> {
    let one = || grants::table.find(id.0.as_bytes().to_vec());
    diesel::delete(one().filter(grants::refresh_hash.is_null())).execute(conn)?;
    diesel::update(one())
        .set(grants::token_round.eq(grants::token_round + 1))
        .execute(conn)?;
    Ok(())
}

fn end_tokens_of(conn: &mut Conn, account: AccountId) -> Result<(), Error> {
    let all = || grants::table.filter(grants::account_id.eq(account.0));
    diesel::delete(all().filter(grants::refresh_hash.is_null())).execute(conn)?;
    diesel::update(all())
        .set(grants::token_round.eq(grants::token_round + 1))
        .execute(conn)?;
    Ok(())
}

fn forget_ended(conn: &mut Conn, now: Timestamp, at_most: u32) -> Result<u32, Error> {
    let ended: Vec<Vec<u8>> = grants::table
        .filter(grants::ends_us.le(now.micros()))
        .order(grants::ends_us)
        .limit(at_most.into())
        .select(grants::id)
        .load(conn)?;
    if ended.is_empty() {
        return Ok(0);
    }
    // Another may have been renewed since it was read.
    let still = grants::table
        .filter(grants::id.eq_any(ended))
        .filter(not(grants::ends_us.gt(now.micros())));
    let forgotten = diesel::delete(still).execute(conn)?;
    Ok(u32::try_from(forgotten).unwrap_or(u32::MAX))
}

impl GrantStore for Store {
    fn begin_grant(&self, new: &NewGrant, now: Timestamp) -> Result<(), StoreError> {
        Ok(self.db.write(|conn| begin(conn, new, now))?)
    }

    fn grant(&self, id: GrantId) -> Result<Option<Grant>, StoreError> {
        Ok(by_id(&mut *self.db.reader()?, id)?)
    }

    fn grant_by_family(&self, family: &TokenHash) -> Result<Option<Grant>, StoreError> {
        Ok(by_family(&mut *self.db.reader()?, family)?)
    }

    fn renew_grant(
        &self,
        presented: &RefreshHashes,
        successor: &TokenHash,
        ends_at: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<Renewal, StoreError> {
        Ok(self
            .db
            .write(|conn| renew(conn, presented, successor, ends_at, now))?)
    }

    fn grants_of(
        &self,
        account: AccountId,
        now: Timestamp,
        page: &PageRequest,
    ) -> Result<Paged<Grant>, StoreError> {
        Ok(list(&self.db, account, now, page)?)
    }

    fn end_grant(&self, id: GrantId) -> Result<bool, StoreError> {
        let one = || grants::table.find(id.0.as_bytes().to_vec());
        let ended = self
            .db
            .write(|conn| Ok(diesel::delete(one()).execute(conn)?))?;
        Ok(ended > 0)
    }

    fn end_grants_of(&self, account: AccountId) -> Result<(), StoreError> {
        Ok(self.db.write(|conn| end_of(conn, account))?)
    }

    fn end_tokens(&self, id: GrantId) -> Result<(), StoreError> {
        Ok(self.db.write(|conn| end_tokens(conn, id))?)
    }

    fn end_tokens_of(&self, account: AccountId) -> Result<(), StoreError> {
        Ok(self.db.write(|conn| end_tokens_of(conn, account))?)
    }

    fn forget_ended_grants(&self, now: Timestamp, at_most: u32) -> Result<u32, StoreError> {
        Ok(self.db.write(|conn| forget_ended(conn, now, at_most))?)
    }
}
