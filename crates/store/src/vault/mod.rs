//! The vault: identities, sealed, and what is known of the keys that they are sealed under.

mod file;
mod row;

pub use file::{VaultFileError, VaultKeyFile};

use crate::accounts;
use crate::connection::Conn;
use crate::database::Database;
use crate::dialect::on_backend;
use crate::erasure::forget;
use crate::error::{Cause, Error};
use crate::logs::{damaged, instant};
use crate::schema::{accounts as account_rows, identities, studies, vault_keys};
use crate::store::Store;
use diesel::dsl::{exists, max, select};
use diesel::prelude::*;
use row::Row;
use sillage_domain::{
    Account, AccountId, IdentityField, IdentityFields, SealedIdentity, SealedPersonKey, StoreError,
    StudyId, Timestamp, VaultError, VaultKeyRecord, VaultStore, VaultVersion,
};

/// Identities of one transaction that erases many.
const SLICE: i64 = 500;

/// Erases what is known of these accounts, which go. The caller's transaction commits.
pub(crate) fn forget_identities(conn: &mut Conn, accounts: &[i64]) -> Result<(), Error> {
    let of_them = identities::table.filter(identities::account_id.eq_any(accounts.iter().copied()));
    let erased = diesel::delete(of_them).execute(conn)?;
    count_erased(conn, erased)
}

/// Erases what a study keeps no longer. The caller's transaction commits.
pub(crate) fn keep_fields(
    conn: &mut Conn,
    study: StudyId,
    dropped: IdentityFields,
) -> Result<(), Error> {
    let mut erased = 0;
    for field in dropped.iter() {
        let of_study = identities::table.filter(identities::study_id.eq(study.0));
        let next = identities::revision.eq(identities::revision + 1);
        let none = None::<Vec<u8>>;
        erased += match field {
            IdentityField::Name => diesel::update(of_study.filter(identities::name.is_not_null()))
                .set((next, identities::name.eq(none)))
                .execute(conn)?,
            IdentityField::FirstName => {
                diesel::update(of_study.filter(identities::first_name.is_not_null()))
                    .set((next, identities::first_name.eq(none)))
                    .execute(conn)?
            }
            IdentityField::Email => {
                diesel::update(of_study.filter(identities::email.is_not_null()))
                    .set((
                        next,
                        identities::email.eq(&none),
                        identities::email_index.eq(&none),
                    ))
                    .execute(conn)?
            }
            IdentityField::GuardianName => {
                diesel::update(of_study.filter(identities::guardian_name.is_not_null()))
                    .set((next, identities::guardian_name.eq(none)))
                    .execute(conn)?
            }
            IdentityField::GuardianEmail => {
                diesel::update(of_study.filter(identities::guardian_email.is_not_null()))
                    .set((
                        next,
                        identities::guardian_email.eq(&none),
                        identities::guardian_index.eq(&none),
                    ))
                    .execute(conn)?
            }
        };
    }
    let empty = identities::table
        .filter(identities::study_id.eq(study.0))
        .filter(identities::name.is_null())
        .filter(identities::first_name.is_null())
        .filter(identities::email.is_null())
        .filter(identities::guardian_name.is_null())
        .filter(identities::guardian_email.is_null());
    diesel::delete(empty).execute(conn)?;
    count_erased(conn, erased)
}

/// What the study keeps, by its number in the row.
pub(crate) fn fields(study: i64, bits: i16) -> Result<IdentityFields, Error> {
    let fields = u8::try_from(bits).ok().and_then(IdentityFields::from_bits);
    fields.ok_or_else(|| damaged("studies", study, "identity_fields"))
}

fn count_erased(conn: &mut Conn, erased: usize) -> Result<(), Error> {
    if erased > 0 {
        diesel::update(vault_keys::table)
            .set(vault_keys::erased.eq(vault_keys::erased + erased as i64))
            .execute(conn)?;
    }
    Ok(())
}

fn refuse(refusal: VaultError) -> Error {
    Error::Vault(Box::new(refusal))
}

fn keys(conn: &mut Conn) -> Result<Vec<VaultKeyRecord>, Error> {
    let rows: Vec<(i32, String, i64, i64)> = vault_keys::table
        .order(vault_keys::version)
        .select((
            vault_keys::version,
            vault_keys::fingerprint,
            vault_keys::begun_us,
            vault_keys::erased,
        ))
        .load(conn)?;
    rows.into_iter()
        .map(|(version, fingerprint, begun, erased)| {
            Ok(VaultKeyRecord {
                version: VaultVersion(version),
                fingerprint,
                begun_at: instant(begun)?,
                erased: erased.unsigned_abs(),
            })
        })
        .collect()
}

fn in_force(conn: &mut Conn) -> Result<Option<VaultVersion>, Error> {
    let last: Option<i32> = vault_keys::table
        .select(max(vault_keys::version))
        .first(conn)?;
    Ok(last.map(VaultVersion))
}

fn begin(
    conn: &mut Conn,
    after: Option<VaultVersion>,
    fingerprint: &str,
    now: Timestamp,
) -> Result<VaultVersion, Error> {
    if in_force(conn)? != after {
        return Err(Error::Stale);
    }
    let version = VaultVersion(after.map_or(0, |version| version.0).saturating_add(1));
    let row = (
        vault_keys::version.eq(version.0),
        vault_keys::fingerprint.eq(fingerprint),
        vault_keys::begun_us.eq(now.micros()),
        vault_keys::erased.eq(0),
    );
    // Where another node was faster, this is started over, and finds its key.
    diesel::insert_into(vault_keys::table)
        .values(row)
        .execute(conn)?;
    Ok(version)
}

fn end(conn: &mut Conn, version: VaultVersion) -> Result<bool, Error> {
    if in_force(conn)? == Some(version) {
        return Ok(false);
    }
    let holds = identities::table.filter(identities::key_version.eq(version.0));
    if select(exists(holds)).get_result::<bool>(conn)? {
        return Ok(false);
    }
    match diesel::delete(vault_keys::table.find(version.0))
        .execute(conn)
        .map_err(Error::from)
    {
        Ok(ended) => Ok(ended == 1),
        // Something was sealed under it a moment ago.
        Err(error) if error.cause() == Cause::Missing => Ok(false),
        Err(error) => Err(error),
    }
}

fn identity(conn: &mut Conn, account: AccountId) -> Result<Option<SealedIdentity>, Error> {
    let found = identities::table.find(account.0);
    let row: Option<Row> = found.select(Row::as_select()).first(conn).optional()?;
    row.map(SealedIdentity::try_from).transpose()
}

/// The row is always written anew, so that those of its account, its study and its key can't be changed by others until the end of the
/// transaction; what the study keeps is looked at after that.
fn put(conn: &mut Conn, new: &SealedIdentity, seen: Option<i64>) -> Result<(), Error> {
    let plays = account_rows::table
        .find(new.account.0)
        .filter(account_rows::study_id.eq(new.study.0));
    if !select(exists(plays)).get_result::<bool>(conn)? {
        return Err(Error::NotFound);
    }
    let of_account = identities::table.find(new.account.0);
    let known: Option<i64> = of_account
        .select(identities::revision)
        .first(conn)
        .optional()?;
    if known != seen {
        return Err(Error::Stale);
    }
    if in_force(conn)? != Some(new.key.version) {
        return Err(refuse(VaultError::OtherVersion(new.key.version)));
    }
    diesel::delete(of_account).execute(conn)?;
    let row = Row::from(new);
    let put =
        on_backend!(conn, c => diesel::insert_into(identities::table).values(&row).execute(c));
    match put.map_err(Error::from) {
        // Its account or its key has gone meanwhile: the next attempt finds which.
        Err(error) if error.cause() == Cause::Missing => return Err(Error::Race),
        done => done?,
    };
    let bits: i16 = studies::table
        .find(new.study.0)
        .select(studies::identity_fields)
        .first(conn)?;
    let named: IdentityFields = new.fields.iter().map(|(field, _)| *field).collect();
    let refused = named.without(fields(new.study.0, bits)?);
    match refused.is_empty() {
        true => Ok(()),
        false => Err(refuse(VaultError::NotKept(refused))),
    }
}

fn erase(conn: &mut Conn, account: AccountId, seen: Option<i64>) -> Result<(), Error> {
    let of_account = identities::table.find(account.0);
    let known: Option<i64> = of_account
        .select(identities::revision)
        .first(conn)
        .optional()?;
    let known = known.ok_or(Error::NotFound)?;
    if seen.is_some_and(|seen| seen != known) {
        return Err(Error::Stale);
    }
    let as_seen = of_account.filter(identities::revision.eq(known));
    match diesel::delete(as_seen).execute(conn)? {
        0 => Err(Error::Race),
        erased => count_erased(conn, erased),
    }
}

fn under(
    conn: &mut Conn,
    version: VaultVersion,
    after: AccountId,
    at_most: u32,
) -> Result<Vec<SealedIdentity>, Error> {
    let rows: Vec<Row> = identities::table
        .filter(identities::key_version.eq(version.0))
        .filter(identities::account_id.gt(after.0))
        .order(identities::account_id)
        .limit(at_most.into())
        .select(Row::as_select())
        .load(conn)?;
    rows.into_iter().map(SealedIdentity::try_from).collect()
}

fn reseal(conn: &mut Conn, seen: &SealedIdentity, new: &SealedPersonKey) -> Result<(), Error> {
    let as_seen = identities::table
        .find(seen.account.0)
        .filter(identities::revision.eq(seen.revision))
        .filter(identities::key_version.eq(seen.key.version.0));
    diesel::update(as_seen)
        .set((
            identities::key_version.eq(new.version.0),
            identities::sealed_key.eq(&new.sealed),
            identities::email_index.eq(new.email_index.map(Vec::from)),
            identities::guardian_index.eq(new.guardian_index.map(Vec::from)),
        ))
        .execute(conn)?;
    Ok(())
}

/// Some of them; `0` if there was none.
fn discard(conn: &mut Conn, version: VaultVersion) -> Result<usize, Error> {
    let ids: Vec<i64> = identities::table
        .filter(identities::key_version.eq(version.0))
        .limit(SLICE)
        .select(identities::account_id)
        .load(conn)?;
    let these = identities::table
        .filter(identities::account_id.eq_any(ids))
        .filter(identities::key_version.eq(version.0));
    Ok(diesel::delete(these).execute(conn)?)
}

fn by_index(db: &Database, study: StudyId, indexes: &[[u8; 16]]) -> Result<Vec<Account>, Error> {
    let wanted = || indexes.iter().map(|index| index.to_vec());
    let mut conn = db.reader()?;
    let found: Vec<i64> = identities::table
        .filter(identities::study_id.eq(study.0))
        .filter(
            identities::email_index
                .eq_any(wanted())
                .or(identities::guardian_index.eq_any(wanted())),
        )
        .select(identities::account_id)
        .load(&mut *conn)?;
    accounts::by_ids(&mut conn, &found)
}

impl VaultStore for Store {
    fn vault_keys(&self) -> Result<Vec<VaultKeyRecord>, StoreError> {
        Ok(keys(&mut *self.db.reader()?)?)
    }

    fn begin_vault_key(
        &self,
        after: Option<VaultVersion>,
        fingerprint: &str,
        now: Timestamp,
    ) -> Result<VaultVersion, StoreError> {
        Ok(self.db.write(|conn| begin(conn, after, fingerprint, now))?)
    }

    fn end_vault_key(&self, version: VaultVersion) -> Result<bool, StoreError> {
        let ended = self.db.write(|conn| end(conn, version))?;
        if ended {
            // What was sealed under it is in SQLite's log of writes still.
            forget(&self.db);
        }
        Ok(ended)
    }

    fn identity(&self, account: AccountId) -> Result<Option<SealedIdentity>, StoreError> {
        Ok(identity(&mut *self.db.reader()?, account)?)
    }

    fn put_identity(&self, new: &SealedIdentity, seen: Option<i64>) -> Result<(), VaultError> {
        self.db.write(|conn| put(conn, new, seen))?;
        if seen.is_some() {
            forget(&self.db);
        }
        Ok(())
    }

    fn erase_identity(&self, account: AccountId, seen: Option<i64>) -> Result<(), StoreError> {
        self.db.write(|conn| erase(conn, account, seen))?;
        forget(&self.db);
        Ok(())
    }

    fn identities_under(
        &self,
        version: VaultVersion,
        after: AccountId,
        at_most: u32,
    ) -> Result<Vec<SealedIdentity>, StoreError> {
        Ok(under(&mut *self.db.reader()?, version, after, at_most)?)
    }

    fn count_identities(&self, version: VaultVersion) -> Result<u64, StoreError> {
        let count: i64 = identities::table
            .filter(identities::key_version.eq(version.0))
            .count()
            .get_result(&mut *self.db.reader()?)
            .map_err(Error::from)?;
        Ok(count.unsigned_abs())
    }

    fn reseal(&self, seen: &[SealedIdentity], new: &[SealedPersonKey]) -> Result<(), StoreError> {
        let all = |conn: &mut Conn| {
            let mut both = seen.iter().zip(new);
            both.try_for_each(|(seen, new)| reseal(conn, seen, new))
        };
        Ok(self.db.write(all)?)
    }

    fn discard_identities(&self, version: VaultVersion) -> Result<u64, StoreError> {
        let mut discarded = 0;
        loop {
            match self.db.write(|conn| discard(conn, version))? {
                0 => return Ok(discarded),
                some => discarded += some as u64,
            }
        }
    }

    fn accounts_by_index(
        &self,
        study: StudyId,
        indexes: &[[u8; 16]],
    ) -> Result<Vec<Account>, StoreError> {
        Ok(by_index(&self.db, study, indexes)?)
    }
}
