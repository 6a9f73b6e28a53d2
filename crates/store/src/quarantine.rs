//! Reading the quarantine.

use crate::connection::Conn;
use crate::database::Database;
use crate::error::Error;
use crate::logs::{damaged, instant};
use crate::paging;
use crate::schema::quarantine;
use crate::store::Store;
use diesel::prelude::*;
use sillage_domain::{
    EntryId, Misfit, PageRequest, Paged, Pseudonym, QuarantineId, QuarantineStore,
    QuarantinedEntry, StoreError, StudyId,
};

#[derive(Queryable, Selectable)]
#[diesel(table_name = quarantine)]
struct Row {
    id: i64,
    study_id: i64,
    pseudonym: Option<i64>,
    entry_id: Option<Vec<u8>>,
    received_us: i64,
    text: String,
    faults: String,
}

impl TryFrom<Row> for QuarantinedEntry {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        let broken = |column| damaged("quarantine", row.id, column);
        let id = row
            .entry_id
            .map(|bytes| uuid::Uuid::from_slice(&bytes))
            .transpose();
        Ok(Self {
            id: QuarantineId(row.id),
            study: StudyId(row.study_id),
            pseudonym: row
                .pseudonym
                .map(Pseudonym::from_i64)
                .transpose()
                .map_err(|_| broken("pseudonym"))?,
            received_at: instant(row.received_us)?,
            misfit: Misfit {
                id: id.map_err(|_| broken("entry_id"))?.map(EntryId),
                text: row.text.into(),
                faults: serde_json::from_str(&row.faults).map_err(|_| broken("faults"))?,
            },
        })
    }
}

fn one(
    conn: &mut Conn,
    study: StudyId,
    id: QuarantineId,
) -> Result<Option<QuarantinedEntry>, Error> {
    let found = quarantine::table
        .find(id.0)
        .filter(quarantine::study_id.eq(study.0));
    let row: Option<Row> = found.select(Row::as_select()).first(conn).optional()?;
    row.map(QuarantinedEntry::try_from).transpose()
}

fn list(
    db: &Database,
    study: StudyId,
    from: Option<Pseudonym>,
    page: &PageRequest,
) -> Result<Paged<QuarantinedEntry>, Error> {
    let found = || {
        let of_study = quarantine::table
            .filter(quarantine::study_id.eq(study.0))
            .into_boxed();
        match from {
            None => of_study,
            Some(sender) => of_study.filter(quarantine::pseudonym.eq(sender.to_i64())),
        }
    };
    let mut conn = db.reader()?;
    let total: i64 = found().count().get_result(&mut *conn)?;
    let rows: Vec<Row> = found()
        .order(quarantine::id)
        .offset(paging::offset(page))
        .limit(page.size.get().into())
        .select(Row::as_select())
        .load(&mut *conn)?;
    paging::paged(total, rows, QuarantinedEntry::try_from)
}

impl QuarantineStore for Store {
    fn quarantine(
        &self,
        study: StudyId,
        from: Option<Pseudonym>,
        page: &PageRequest,
    ) -> Result<Paged<QuarantinedEntry>, StoreError> {
        Ok(list(&self.db, study, from, page)?)
    }

    fn quarantined(
        &self,
        study: StudyId,
        id: QuarantineId,
    ) -> Result<Option<QuarantinedEntry>, StoreError> {
        Ok(one(&mut *self.db.reader()?, study, id)?)
    }
}
