//! What belongs to the server as a whole.

use crate::connection::Conn;
use crate::database::Database;
use crate::dialect;
use crate::error::{Cause, Error, OpenError};
use crate::logs::instant;
use crate::migrations;
use crate::options::StoreOptions;
use crate::schema::{server_settings, signing_keys};
use crate::store::Store;
use diesel::dsl::{exists, select};
use diesel::prelude::*;
use sillage_domain::{SealedSigningKey, ServerStore, StoreError};

pub(crate) const EPOCH: &str = "epoch";
pub(crate) const FINGERPRINT: &str = "root_key_fingerprint";
/// Which ledger of erasures the archive has.
pub(crate) const LEDGER: &str = "erasure_ledger";
/// At its row whoever orders an erasure waits for those who write entries, on MySQL and MariaDB.
pub(crate) const ERASING: &str = "erasing";

/// Gives the archive its epoch, unless it has one.
pub(crate) fn found(conn: &mut Conn) -> Result<(), Error> {
    claim(conn, EPOCH, &uuid::Uuid::new_v4().simple().to_string()).map(drop)
}

/// The epoch of the archive.
pub(crate) fn epoch(conn: &mut Conn) -> Result<String, Error> {
    let epoch = setting(conn, EPOCH)?;
    epoch.ok_or_else(|| Error::Damaged("the archive has no epoch".into()))
}

/// Refuses a database that belongs to another root key than the options say. It may wait for migrations; a new one belongs to nobody.
pub(crate) fn check_fingerprint(conn: &mut Conn, options: &StoreOptions) -> Result<(), OpenError> {
    let Some(ours) = &options.fingerprint else {
        return Ok(());
    };
    match claimed(conn)? {
        Some(theirs) if theirs != *ours => Err(OpenError::OtherKey(theirs)),
        _ => Ok(()),
    }
}

/// The fingerprint of the root key that the database belongs to; `None`, where it belongs to nobody, or is not there. Nothing is made or
/// changed.
///
/// # Errors
///
/// [`OpenError::Scheme`], [`OpenError::Connect`].
pub fn fingerprint(options: &StoreOptions) -> Result<Option<String>, OpenError> {
    let path = dialect::sqlite_path(&options.url);
    if path.is_some_and(|path| !path.exists()) {
        return Ok(None);
    }
    dialect::Engine::of(&options.url)?;
    let mut conn = migrations::connect(&options.url)?;
    claimed(&mut conn)
}

/// The fingerprint in the database, which may wait for migrations.
fn claimed(conn: &mut Conn) -> Result<Option<String>, OpenError> {
    let failed = |e: Error| OpenError::Connect(Box::new(e));
    if !dialect::has_table(conn, "server_settings").map_err(|e| failed(e.into()))? {
        return Ok(None);
    }
    setting(conn, FINGERPRINT).map_err(failed)
}

/// Gives the archive another epoch: what was counted or remembered under the old one is to be found out again.
pub(crate) fn renew_epoch(conn: &mut Conn) -> Result<(), Error> {
    let epoch = uuid::Uuid::new_v4().simple().to_string();
    diesel::update(server_settings::table.find(EPOCH))
        .set(server_settings::value.eq(epoch))
        .execute(conn)?;
    Ok(())
}

/// Within a transaction: whoever takes a turn of that name waits for the end of whoever took it before, and on a cluster fails against him and
/// is started over.
pub(crate) fn take_turn(conn: &mut Conn, name: &str) -> Result<(), Error> {
    let taken = uuid::Uuid::new_v4().simple().to_string();
    let known = diesel::update(server_settings::table.find(name))
        .set(server_settings::value.eq(&taken))
        .execute(conn)?;
    if known == 0 && claim(conn, name, &taken)? != taken {
        return Err(Error::Race);
    }
    Ok(())
}

pub(crate) fn setting(conn: &mut Conn, name: &str) -> Result<Option<String>, Error> {
    Ok(server_settings::table
        .find(name)
        .select(server_settings::value)
        .first(conn)
        .optional()?)
}

/// The value of a setting; the given one if it had none.
pub(crate) fn claim(conn: &mut Conn, name: &str, value: &str) -> Result<String, Error> {
    if let Some(known) = setting(conn, name)? {
        return Ok(known);
    }
    let row = (
        server_settings::name.eq(name),
        server_settings::value.eq(value),
    );
    match diesel::insert_into(server_settings::table)
        .values(row)
        .execute(conn)
        .map_err(Error::from)
    {
        Ok(_) => Ok(value.to_owned()),
        Err(e) if e.cause() == Cause::Unique => setting(conn, name)?.ok_or(Error::Race),
        Err(e) => Err(e),
    }
}

fn signing_keys_of(db: &Database) -> Result<Vec<SealedSigningKey>, Error> {
    let rows: Vec<(String, Vec<u8>, i64)> = signing_keys::table
        .order((signing_keys::created_us.desc(), signing_keys::kid.desc()))
        .load(&mut *db.reader()?)?;
    rows.into_iter()
        .map(|(kid, sealed, created)| {
            Ok(SealedSigningKey {
                kid,
                sealed,
                created_at: instant(created)?,
            })
        })
        .collect()
}

/// Started over, if another node was faster, and then finds its key.
fn add_signing_key(conn: &mut Conn, key: &SealedSigningKey) -> Result<bool, Error> {
    let known = signing_keys::table.find(&key.kid);
    if select(exists(known)).get_result::<bool>(conn)? {
        return Ok(false);
    }
    let row = (
        signing_keys::kid.eq(&key.kid),
        signing_keys::sealed.eq(&key.sealed),
        signing_keys::created_us.eq(key.created_at.micros()),
    );
    diesel::insert_into(signing_keys::table)
        .values(row)
        .execute(conn)?;
    Ok(true)
}

impl ServerStore for Store {
    fn claim_fingerprint(&self, fingerprint: &str) -> Result<String, StoreError> {
        Ok(self
            .db
            .write(|conn| claim(conn, FINGERPRINT, fingerprint))?)
    }

    fn signing_keys(&self) -> Result<Vec<SealedSigningKey>, StoreError> {
        Ok(signing_keys_of(&self.db)?)
    }

    fn add_signing_key(&self, key: &SealedSigningKey) -> Result<bool, StoreError> {
        Ok(self.db.write(|conn| add_signing_key(conn, key))?)
    }

    fn remove_signing_key(&self, kid: &str) -> Result<(), StoreError> {
        self.db
            .write(|conn| Ok(diesel::delete(signing_keys::table.find(kid)).execute(conn)?))?;
        Ok(())
    }
}
