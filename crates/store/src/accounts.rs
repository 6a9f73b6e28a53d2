//! Accounts and memberships.

mod row;

use crate::connection::Conn;
use crate::database::Database;
use crate::dialect::{instr, on_backend};
use crate::error::Error;
use crate::grants;
use crate::logs::damaged;
use crate::paging;
use crate::schema::{accounts, last_numbers, studies, study_members};
use crate::store::Store;
use diesel::dsl::{exists, max, select};
use diesel::prelude::*;
use diesel::sql_types::Bool;
pub(crate) use row::NewRow;
use row::Row;
use sillage_domain::codebook::nfc;
use sillage_domain::{
    Account, AccountChange, AccountId, AccountStore, Enrolment, Membership, NewAccount,
    PageRequest, Paged, ParticipantNumber, PasswordHash, Role, StoreError, StudyId, StudyRole,
    SubjectId, Timestamp, Username,
};
use std::collections::HashSet;

/// Accounts in one statement.
const SLICE: usize = 500;

fn by_id(conn: &mut Conn, id: AccountId) -> Result<Option<Account>, Error> {
    let found = accounts::table.find(id.0);
    let row: Option<Row> = found.select(Row::as_select()).first(conn).optional()?;
    row.map(Account::try_from).transpose()
}

/// The accounts of those ids, by number.
pub(crate) fn by_ids(conn: &mut Conn, ids: &[i64]) -> Result<Vec<Account>, Error> {
    let mut found = Vec::with_capacity(ids.len());
    for slice in ids.chunks(SLICE) {
        let rows: Vec<Row> = accounts::table
            .filter(accounts::id.eq_any(slice.iter().copied()))
            .select(Row::as_select())
            .load(conn)?;
        for row in rows {
            found.push(Account::try_from(row)?);
        }
    }
    found.sort_by_key(|account| account.enrolment.map(|one| one.number));
    Ok(found)
}

fn by_username(conn: &mut Conn, username: &Username) -> Result<Option<Account>, Error> {
    let found = accounts::table.filter(accounts::username.eq(username.as_str()));
    let row: Option<Row> = found.select(Row::as_select()).first(conn).optional()?;
    row.map(Account::try_from).transpose()
}

fn by_subject(conn: &mut Conn, subject: &SubjectId) -> Result<Option<Account>, Error> {
    let found = accounts::table.filter(accounts::subject.eq(subject.as_bytes().as_slice()));
    let row: Option<Row> = found.select(Row::as_select()).first(conn).optional()?;
    row.map(Account::try_from).transpose()
}

/// The participant of that number in the study.
pub(crate) fn by_number(
    conn: &mut Conn,
    study: StudyId,
    number: ParticipantNumber,
) -> Result<Option<Account>, Error> {
    let found = accounts::table
        .filter(accounts::study_id.eq(study.0))
        .filter(accounts::number.eq(number.0));
    let row: Option<Row> = found.select(Row::as_select()).first(conn).optional()?;
    row.map(Account::try_from).transpose()
}

fn create(conn: &mut Conn, new: &NewAccount, role: Role, now: Timestamp) -> Result<Account, Error> {
    refuse_taken(conn, std::slice::from_ref(new))?;
    insert(conn, &[NewRow::new(new, role, None, now)])?;
    by_username(conn, &new.username)?.ok_or(Error::Race)
}

fn enrol(
    conn: &mut Conn,
    study: StudyId,
    new: &[NewAccount],
    now: Timestamp,
) -> Result<Vec<Account>, Error> {
    if !select(exists(studies::table.find(study.0))).get_result::<bool>(conn)? {
        return Err(Error::NotFound);
    }
    refuse_taken(conn, new)?;
    let first = take_numbers(conn, study, new.len())?;
    let numbered = |(n, account)| {
        let enrolment = Enrolment {
            study,
            number: ParticipantNumber(n),
        };
        NewRow::new(account, Role::Participant, Some(enrolment), now)
    };
    let rows: Vec<_> = (first..).zip(new).map(numbered).collect();
    for slice in rows.chunks(SLICE) {
        insert(conn, slice)?;
    }
    let enrolled = accounts::table
        .filter(accounts::study_id.eq(study.0))
        .filter(accounts::number.between(first, first + new.len() as i64 - 1));
    let rows: Vec<Row> = enrolled
        .order(accounts::number)
        .select(Row::as_select())
        .load(conn)?;
    rows.into_iter().map(Account::try_from).collect()
}

/// The first of so many numbers that nobody in the study has or had.
fn take_numbers(conn: &mut Conn, study: StudyId, count: usize) -> Result<i64, Error> {
    let greatest: Option<i64> = accounts::table
        .filter(accounts::study_id.eq(study.0))
        .select(max(accounts::number))
        .first(conn)?;
    let given: Option<i64> = last_numbers::table
        .find(study.0)
        .select(last_numbers::number)
        .first(conn)
        .optional()?;
    let last = greatest.max(given).unwrap_or(0);
    let number = last_numbers::number.eq(last + count as i64);
    match given {
        Some(_) => diesel::update(last_numbers::table.find(study.0))
            .set(number)
            .execute(conn)?,
        None => diesel::insert_into(last_numbers::table)
            .values((last_numbers::study_id.eq(study.0), number))
            .execute(conn)?,
    };
    Ok(last + 1)
}

pub(crate) fn insert(conn: &mut Conn, rows: &[NewRow<'_>]) -> Result<(), Error> {
    on_backend!(conn, c => diesel::insert_into(accounts::table).values(rows).execute(c))?;
    Ok(())
}

/// Fails with the first username that is taken, or stands twice in the list.
fn refuse_taken(conn: &mut Conn, new: &[NewAccount]) -> Result<(), Error> {
    let mut seen = HashSet::new();
    for slice in new.chunks(SLICE) {
        let wanted: Vec<_> = slice
            .iter()
            .map(|account| account.username.as_str())
            .collect();
        let known = accounts::table.filter(accounts::username.eq_any(wanted));
        seen.extend(known.select(accounts::username).load::<String>(conn)?);
    }
    match new
        .iter()
        .find(|account| !seen.insert(account.username.to_string()))
    {
        Some(taken) => Err(Error::NameTaken(taken.username.to_string())),
        None => Ok(()),
    }
}

fn participants(
    db: &Database,
    study: StudyId,
    search: Option<&str>,
    page: &PageRequest,
) -> Result<Paged<Account>, Error> {
    // Usernames are kept case folded, in NFC.
    let part = nfc(&search.unwrap_or_default().to_lowercase()).into_owned();
    let found = || {
        let enrolled = accounts::table
            .filter(accounts::study_id.eq(study.0))
            .into_boxed();
        match part.as_str() {
            "" => enrolled,
            part => enrolled.filter(instr(accounts::username, part).gt(0)),
        }
    };
    let mut conn = db.reader()?;
    let total: i64 = found().count().get_result(&mut *conn)?;
    let rows: Vec<Row> = found()
        .order(accounts::number)
        .offset(paging::offset(page))
        .limit(page.size.get().into())
        .select(Row::as_select())
        .load(&mut *conn)?;
    paging::paged(total, rows, Account::try_from)
}

fn with_prefix(db: &Database, prefix: &str) -> Result<Vec<Username>, Error> {
    let prefix = nfc(&prefix.to_lowercase()).into_owned();
    // No character comes after the last one.
    let end = format!("{prefix}{}", char::MAX);
    let names: Vec<(i64, String)> = accounts::table
        .filter(accounts::username.ge(&prefix))
        .filter(accounts::username.lt(&end))
        .order(accounts::username)
        .select((accounts::id, accounts::username))
        .load(&mut *db.reader()?)?;
    names
        .into_iter()
        .map(|(id, name)| {
            name.parse()
                .map_err(|_| damaged("accounts", id, "username"))
        })
        .collect()
}

fn change(
    conn: &mut Conn,
    id: AccountId,
    change: &AccountChange,
    seen: Option<&Account>,
) -> Result<(), Error> {
    let any = seen.is_none().into_sql::<Bool>();
    let (hash, active) = seen.map_or(("", false), |seen| {
        (seen.password_hash.expose(), seen.active)
    });
    let as_seen = accounts::password_hash
        .eq(hash)
        .and(accounts::active.eq(active));
    let account = accounts::table.find(id.0).filter(any.or(as_seen));
    let hash = change.password_hash.as_ref();
    let wanted = (
        hash.map(|hash| accounts::password_hash.eq(hash.expose())),
        hash.map(|hash| accounts::password_origin.eq(hash.origin().as_str())),
        change.active.map(|active| accounts::active.eq(active)),
    );
    let found = if hash.is_some() || change.active.is_some() {
        diesel::update(account).set(wanted).execute(conn)?
    } else {
        select(exists(account)).get_result::<bool>(conn)?.into()
    };
    if found != 1 {
        let is_there: bool = select(exists(accounts::table.find(id.0))).get_result(conn)?;
        return Err(if is_there {
            Error::Stale
        } else {
            Error::NotFound
        });
    }
    if change.ends_grants() {
        grants::end_of(conn, id)?;
    }
    Ok(())
}

fn renew(
    conn: &mut Conn,
    id: AccountId,
    seen: &PasswordHash,
    renewed: &PasswordHash,
) -> Result<bool, Error> {
    let seen = accounts::table
        .find(id.0)
        .filter(accounts::password_hash.eq(seen.expose()));
    let changed = diesel::update(seen)
        .set((
            accounts::password_hash.eq(renewed.expose()),
            accounts::password_origin.eq(renewed.origin().as_str()),
        ))
        .execute(conn)?;
    Ok(changed == 1)
}

fn memberships(db: &Database, account: AccountId) -> Result<Vec<Membership>, Error> {
    let rows: Vec<(i64, String)> = study_members::table
        .filter(study_members::account_id.eq(account.0))
        .order(study_members::study_id)
        .select((study_members::study_id, study_members::role))
        .load(&mut *db.reader()?)?;
    let membership = |(study, role): (i64, String)| {
        let role =
            StudyRole::from_word(&role).ok_or_else(|| damaged("study_members", study, "role"))?;
        Ok(Membership {
            study: StudyId(study),
            role,
        })
    };
    rows.into_iter().map(membership).collect()
}

fn put_member(
    conn: &mut Conn,
    study: StudyId,
    account: AccountId,
    role: StudyRole,
) -> Result<(), Error> {
    let member = study_members::table.find((account.0, study.0));
    let known = diesel::update(member)
        .set(study_members::role.eq(role.as_str()))
        .execute(conn)?;
    if known == 0 {
        let row = (
            study_members::study_id.eq(study.0),
            study_members::account_id.eq(account.0),
            study_members::role.eq(role.as_str()),
        );
        diesel::insert_into(study_members::table)
            .values(row)
            .execute(conn)?;
    }
    Ok(())
}

impl AccountStore for Store {
    fn account(&self, id: AccountId) -> Result<Option<Account>, StoreError> {
        Ok(by_id(&mut *self.db.reader()?, id)?)
    }

    fn account_by_username(&self, username: &Username) -> Result<Option<Account>, StoreError> {
        Ok(by_username(&mut *self.db.reader()?, username)?)
    }

    fn account_by_subject(&self, subject: &SubjectId) -> Result<Option<Account>, StoreError> {
        Ok(by_subject(&mut *self.db.reader()?, subject)?)
    }

    fn create_user(
        &self,
        new: &NewAccount,
        role: Role,
        now: Timestamp,
    ) -> Result<Account, StoreError> {
        Ok(self.db.write(|conn| create(conn, new, role, now))?)
    }

    fn enrol(
        &self,
        study: StudyId,
        new: &[NewAccount],
        now: Timestamp,
    ) -> Result<Vec<Account>, StoreError> {
        Ok(self.db.write(|conn| enrol(conn, study, new, now))?)
    }

    fn participants(
        &self,
        study: StudyId,
        search: Option<&str>,
        page: &PageRequest,
    ) -> Result<Paged<Account>, StoreError> {
        Ok(participants(&self.db, study, search, page)?)
    }

    fn usernames_with_prefix(&self, prefix: &str) -> Result<Vec<Username>, StoreError> {
        Ok(with_prefix(&self.db, prefix)?)
    }

    fn change_account(
        &self,
        id: AccountId,
        wanted: &AccountChange,
        seen: Option<&Account>,
    ) -> Result<(), StoreError> {
        Ok(self.db.write(|conn| change(conn, id, wanted, seen))?)
    }

    fn renew_password_hash(
        &self,
        id: AccountId,
        seen: &PasswordHash,
        renewed: &PasswordHash,
    ) -> Result<bool, StoreError> {
        Ok(self.db.write(|conn| renew(conn, id, seen, renewed))?)
    }

    fn count_accounts(&self, role: Role) -> Result<u64, StoreError> {
        let accounts = accounts::table.filter(accounts::role.eq(role.as_str()));
        let count: i64 = accounts
            .count()
            .get_result(&mut *self.db.reader()?)
            .map_err(Error::from)?;
        Ok(count.unsigned_abs())
    }

    fn memberships(&self, account: AccountId) -> Result<Vec<Membership>, StoreError> {
        Ok(memberships(&self.db, account)?)
    }

    fn put_member(
        &self,
        study: StudyId,
        account: AccountId,
        role: StudyRole,
    ) -> Result<(), StoreError> {
        Ok(self
            .db
            .write(|conn| put_member(conn, study, account, role))?)
    }
}
