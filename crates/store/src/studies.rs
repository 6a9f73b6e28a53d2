//! Studies.

use crate::connection::Conn;
use crate::counters;
use crate::database::Database;
use crate::erasure::forget;
use crate::error::{Cause, Error};
use crate::logs::{damaged, instant, purposes};
use crate::paging;
use crate::schema::{studies, study_members};
use crate::store::Store;
use crate::vault;
use diesel::prelude::*;
use sillage_domain::{
    AccountId, CodebookVersion, NewStudy, PageRequest, Paged, Protection, Slug, StoreError, Study,
    StudyChange, StudyId, StudyRole, StudySalt, StudyScope, StudyStatus, StudyStore, Timestamp,
    Validation,
};

#[derive(Queryable, Selectable)]
#[diesel(table_name = studies)]
struct Row {
    id: i64,
    slug: String,
    title: String,
    description: String,
    game_url: Option<String>,
    status: String,
    validation: String,
    salt: Vec<u8>,
    created_us: i64,
    closed_us: Option<i64>,
    revision: i64,
    codebook_version: Option<i32>,
    protection: Option<String>,
    consent_purposes: i16,
    objected: bool,
    identity_fields: i16,
    anonymous: bool,
    silence_minutes: Option<i64>,
    watched_us: Option<i64>,
}

impl TryFrom<Row> for Study {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        let broken = |column| move || damaged("studies", row.id, column);
        Ok(Self {
            id: StudyId(row.id),
            slug: row.slug.parse().map_err(|_| broken("slug")())?,
            title: row.title,
            description: row.description,
            game_url: row.game_url,
            status: StudyStatus::from_word(&row.status).ok_or_else(broken("status"))?,
            validation: Validation::from_word(&row.validation).ok_or_else(broken("validation"))?,
            salt: StudySalt::new(row.salt.try_into().map_err(|_| broken("salt")())?),
            codebook: row.codebook_version.map(CodebookVersion),
            protection: match &row.protection {
                Some(text) => serde_json::from_str(text).map_err(|_| broken("protection")())?,
                None => Protection::default(),
            },
            consent: purposes(row.id, row.consent_purposes)?,
            objected: row.objected,
            identity: vault::fields(row.id, row.identity_fields)?,
            anonymous: row.anonymous,
            silence_minutes: row.silence_minutes,
            watched_since: row.watched_us.map(instant).transpose()?,
            created_at: instant(row.created_us)?,
            closed_at: row.closed_us.map(instant).transpose()?,
            revision: row.revision,
        })
    }
}

fn by_id(conn: &mut Conn, id: StudyId) -> Result<Option<Study>, Error> {
    let row: Option<Row> = studies::table
        .find(id.0)
        .select(Row::as_select())
        .first(conn)
        .optional()?;
    row.map(Study::try_from).transpose()
}

fn by_slug(conn: &mut Conn, slug: &Slug) -> Result<Option<Study>, Error> {
    let found = studies::table.filter(studies::slug.eq(slug.as_str()));
    let row: Option<Row> = found.select(Row::as_select()).first(conn).optional()?;
    row.map(Study::try_from).transpose()
}

fn create(
    conn: &mut Conn,
    new: &NewStudy,
    manager: Option<AccountId>,
    now: Timestamp,
) -> Result<Study, Error> {
    let row = (
        studies::slug.eq(new.slug.as_str()),
        studies::title.eq(&new.title),
        studies::description.eq(&new.description),
        studies::game_url.eq(&new.game_url),
        studies::status.eq(StudyStatus::Draft.as_str()),
        studies::validation.eq(new.validation.as_str()),
        studies::salt.eq(new.salt.as_bytes().as_slice()),
        studies::created_us.eq(now.micros()),
        studies::revision.eq(1),
    );
    match diesel::insert_into(studies::table)
        .values(row)
        .execute(conn)
        .map_err(Error::from)
    {
        Err(e) if e.cause() == Cause::Unique => return Err(Error::NameTaken(new.slug.to_string())),
        done => done?,
    };
    let study = by_slug(conn, &new.slug)?.ok_or(Error::Race)?;
    if let Some(account) = manager {
        let row = (
            study_members::study_id.eq(study.id.0),
            study_members::account_id.eq(account.0),
            study_members::role.eq(StudyRole::Manager.as_str()),
        );
        diesel::insert_into(study_members::table)
            .values(row)
            .execute(conn)?;
    }
    Ok(study)
}

fn change(
    conn: &mut Conn,
    id: StudyId,
    change: &StudyChange,
    revision: Option<i64>,
    now: Timestamp,
) -> Result<Study, Error> {
    let mut study = by_id(conn, id)?.ok_or(Error::NotFound)?;
    let seen = study.revision;
    if revision.is_some_and(|revision| revision != seen) {
        return Err(Error::Stale);
    }
    let (asked, kept) = (study.consent, study.identity);
    study.apply(change, now);
    let said = serde_json::to_string(&study.protection);
    let said = said.map_err(|_| damaged("studies", id.0, "protection"))?;
    let as_seen = studies::table
        .filter(studies::id.eq(id.0))
        .filter(studies::revision.eq(seen));
    let changed = diesel::update(as_seen)
        .set((
            studies::title.eq(&study.title),
            studies::description.eq(&study.description),
            studies::game_url.eq(&study.game_url),
            studies::status.eq(study.status.as_str()),
            studies::validation.eq(study.validation.as_str()),
            studies::closed_us.eq(study.closed_at.map(Timestamp::micros)),
            studies::revision.eq(study.revision),
            studies::protection.eq(Some(said)),
            studies::consent_purposes.eq(i16::from(study.consent.bits())),
            studies::identity_fields.eq(i16::from(study.identity.bits())),
            studies::anonymous.eq(study.anonymous),
            studies::silence_minutes.eq(study.silence_minutes),
            studies::watched_us.eq(study.watched_since.map(Timestamp::micros)),
        ))
        .execute(conn)?;
    if changed == 0 {
        return Err(Error::Race);
    }
    let dropped = kept.without(study.identity);
    if !dropped.is_empty() {
        vault::keep_fields(conn, id, dropped)?;
    }
    counters::change(conn, id, i64::from(study.consent != asked), 0)?;
    Ok(study)
}

fn list(db: &Database, scope: &StudyScope, page: &PageRequest) -> Result<Paged<Study>, Error> {
    let within = || {
        let all = studies::table.into_boxed();
        match scope {
            StudyScope::All => all,
            StudyScope::Only(some) => {
                all.filter(studies::id.eq_any(some.iter().map(|s| s.0).collect::<Vec<_>>()))
            }
        }
    };
    let mut conn = db.reader()?;
    let total: i64 = within().count().get_result(&mut *conn)?;
    let rows: Vec<Row> = within()
        .order(studies::slug)
        .offset(paging::offset(page))
        .limit(page.size.get().into())
        .select(Row::as_select())
        .load(&mut *conn)?;
    paging::paged(total, rows, Study::try_from)
}

impl StudyStore for Store {
    fn create_study(
        &self,
        new: &NewStudy,
        manager: Option<AccountId>,
        now: Timestamp,
    ) -> Result<Study, StoreError> {
        Ok(self.db.write(|conn| create(conn, new, manager, now))?)
    }

    fn study_by_slug(&self, slug: &Slug) -> Result<Option<Study>, StoreError> {
        Ok(by_slug(&mut *self.db.reader()?, slug)?)
    }

    fn study(&self, id: StudyId) -> Result<Option<Study>, StoreError> {
        Ok(by_id(&mut *self.db.reader()?, id)?)
    }

    fn studies(&self, scope: &StudyScope, page: &PageRequest) -> Result<Paged<Study>, StoreError> {
        Ok(list(&self.db, scope, page)?)
    }

    fn change_study(
        &self,
        id: StudyId,
        wanted: &StudyChange,
        revision: Option<i64>,
        now: Timestamp,
    ) -> Result<Study, StoreError> {
        let changed = self
            .db
            .write(|conn| change(conn, id, wanted, revision, now))?;
        if wanted.identity.is_some() {
            forget(&self.db);
        }
        Ok(changed)
    }
}
