//! The counters of studies, where something is taken away or changed by nobody who writes entries.

use crate::connection::Conn;
use crate::error::Error;
use crate::schema::study_counters;
use diesel::prelude::*;
use sillage_domain::StudyId;

/// Stands as a writer that is none of ingest, whose slots begin at 0.
const NOBODY: i16 = -1;

/// What changes in the counters of a study.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Change {
    /// Rows, tombstones among them.
    pub(crate) entries: i64,
    /// Tombstones.
    pub(crate) deleted: i64,
    /// Texts.
    pub(crate) quarantined: i64,
    /// Steps of the revision. Where there is none, nothing was changed.
    pub(crate) changes: i64,
}

/// Counts that many changes, and so many texts less in quarantine.
pub(crate) fn change(
    conn: &mut Conn,
    study: StudyId,
    changes: i64,
    texts_gone: i64,
) -> Result<(), Error> {
    let change = Change {
        quarantined: -texts_gone,
        changes,
        ..Change::default()
    };
    count(conn, study, change)
}

/// Counts; the caller's transaction commits.
pub(crate) fn count(conn: &mut Conn, study: StudyId, change: Change) -> Result<(), Error> {
    if change.changes == 0 {
        return Ok(());
    }
    let counted = diesel::update(study_counters::table.find((study.0, NOBODY)))
        .set((
            study_counters::entries.eq(study_counters::entries + change.entries),
            study_counters::deleted.eq(study_counters::deleted + change.deleted),
            study_counters::quarantined.eq(study_counters::quarantined + change.quarantined),
            study_counters::changes.eq(study_counters::changes + change.changes),
        ))
        .execute(conn)?;
    if counted == 0 {
        let row = (
            study_counters::study_id.eq(study.0),
            study_counters::writer.eq(NOBODY),
            study_counters::entries.eq(change.entries),
            study_counters::deleted.eq(change.deleted),
            study_counters::quarantined.eq(change.quarantined),
            study_counters::changes.eq(change.changes),
        );
        diesel::insert_into(study_counters::table)
            .values(row)
            .execute(conn)?;
    }
    Ok(())
}
