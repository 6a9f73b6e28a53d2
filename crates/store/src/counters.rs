//! The counters of studies, where something is taken away or changed by nobody who writes entries.

use crate::connection::Conn;
use crate::error::Error;
use crate::schema::study_counters;
use diesel::prelude::*;
use sillage_domain::StudyId;

/// Stands as a writer that is none of ingest, whose slots begin at 0.
const NOBODY: i16 = -1;

/// Counts that many changes, and so many texts less in quarantine.
pub(crate) fn change(
    conn: &mut Conn,
    study: StudyId,
    changes: i64,
    texts_gone: i64,
) -> Result<(), Error> {
    if changes == 0 {
        return Ok(());
    }
    let counted = diesel::update(study_counters::table.find((study.0, NOBODY)))
        .set((
            study_counters::quarantined.eq(study_counters::quarantined - texts_gone),
            study_counters::changes.eq(study_counters::changes + changes),
        ))
        .execute(conn)?;
    if counted == 0 {
        let row = (
            study_counters::study_id.eq(study.0),
            study_counters::writer.eq(NOBODY),
            study_counters::entries.eq(0),
            study_counters::quarantined.eq(-texts_gone),
            study_counters::changes.eq(changes),
        );
        diesel::insert_into(study_counters::table)
            .values(row)
            .execute(conn)?;
    }
    Ok(())
}
