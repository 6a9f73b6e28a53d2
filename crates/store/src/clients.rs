//! Registered clients.

mod row;

use crate::connection::Conn;
use crate::database::Database;
use crate::dialect::instr;
use crate::error::{Cause, Error};
use crate::paging;
use crate::schema::{clients, grants};
use crate::store::Store;
use diesel::prelude::*;
use row::Row;
use sillage_domain::{
    Client, ClientChange, ClientFilter, ClientId, ClientStore, NewClient, PageRequest, Paged,
    StoreError, StudyScope, Timestamp, search_text,
};

fn by_id(conn: &mut Conn, id: &ClientId) -> Result<Option<Client>, Error> {
    let row: Option<Row> = clients::table
        .find(id.as_str())
        .select(Row::as_select())
        .first(conn)
        .optional()?;
    row.map(Client::try_from).transpose()
}

fn register(conn: &mut Conn, new: &NewClient, now: Timestamp) -> Result<Client, Error> {
    let client = new.registered(now);
    let row = (
        clients::client_id.eq(client.id.as_str()),
        clients::study_id.eq(client.study.map(|study| study.0)),
        clients::created_us.eq(now.micros()),
        row::changeable(&client),
    );
    match diesel::insert_into(clients::table)
        .values(row)
        .execute(conn)
        .map_err(Error::from)
    {
        Ok(_) => Ok(client),
        Err(e) if e.cause() == Cause::Unique => Err(Error::NameTaken(client.id.to_string())),
        Err(e) if e.cause() == Cause::Missing => Err(Error::NotFound),
        Err(e) => Err(e),
    }
}

/// The client, if it is as the caller has seen it.
fn seen(conn: &mut Conn, id: &ClientId, revision: Option<i64>) -> Result<Client, Error> {
    let client = by_id(conn, id)?.ok_or(Error::NotFound)?;
    match revision.is_none_or(|revision| revision == client.revision) {
        true => Ok(client),
        false => Err(Error::Stale),
    }
}

fn change(
    conn: &mut Conn,
    id: &ClientId,
    change: &ClientChange,
    revision: Option<i64>,
) -> Result<Client, Error> {
    let mut client = seen(conn, id, revision)?;
    let as_seen = clients::table
        .filter(clients::client_id.eq(id.as_str()))
        .filter(clients::revision.eq(client.revision));
    client.apply(change);
    let changed = diesel::update(as_seen)
        .set(row::changeable(&client))
        .execute(conn)?;
    if changed != 1 {
        return Err(Error::Race);
    }
    if change.ends_own_grants() {
        let own = grants::table
            .filter(grants::client_id.eq(id.as_str()))
            .filter(grants::account_id.is_null());
        diesel::delete(own).execute(conn)?;
    }
    Ok(client)
}

fn remove(conn: &mut Conn, id: &ClientId, revision: Option<i64>) -> Result<(), Error> {
    let client = seen(conn, id, revision)?;
    let as_seen = clients::table
        .filter(clients::client_id.eq(id.as_str()))
        .filter(clients::revision.eq(client.revision));
    match diesel::delete(as_seen).execute(conn)? {
        1 => Ok(()),
        _ => Err(Error::Race),
    }
}

fn list(
    db: &Database,
    scope: &StudyScope,
    filter: &ClientFilter,
    page: &PageRequest,
) -> Result<Paged<Client>, Error> {
    let found = || {
        let mut found = clients::table.into_boxed();
        if let StudyScope::Only(some) = scope {
            let some: Vec<_> = some.iter().map(|study| study.0).collect();
            found = found.filter(clients::study_id.eq_any(some));
        }
        if let Some(study) = filter.study {
            found = found.filter(clients::study_id.eq(study.0));
        }
        if let Some(part) = filter.search.as_ref().filter(|part| !part.is_empty()) {
            found = found.filter(instr(clients::search_text, part.to_lowercase()).gt(0));
        }
        found
    };
    let mut conn = db.reader()?;
    let total: i64 = found().count().get_result(&mut *conn)?;
    let rows: Vec<Row> = found()
        .order((clients::name, clients::client_id))
        .offset(paging::offset(page))
        .limit(page.size.get().into())
        .select(Row::as_select())
        .load(&mut *conn)?;
    paging::paged(total, rows, Client::try_from)
}

impl ClientStore for Store {
    fn client(&self, id: &ClientId) -> Result<Option<Client>, StoreError> {
        Ok(by_id(&mut *self.db.reader()?, id)?)
    }

    fn clients(
        &self,
        scope: &StudyScope,
        filter: &ClientFilter,
        page: &PageRequest,
    ) -> Result<Paged<Client>, StoreError> {
        Ok(list(&self.db, scope, filter, page)?)
    }

    fn register_client(&self, new: &NewClient, now: Timestamp) -> Result<Client, StoreError> {
        Ok(self.db.write(|conn| register(conn, new, now))?)
    }

    fn change_client(
        &self,
        id: &ClientId,
        wanted: &ClientChange,
        revision: Option<i64>,
    ) -> Result<Client, StoreError> {
        Ok(self.db.write(|conn| change(conn, id, wanted, revision))?)
    }

    fn remove_client(&self, id: &ClientId, revision: Option<i64>) -> Result<(), StoreError> {
        Ok(self.db.write(|conn| remove(conn, id, revision))?)
    }
}
