//! Who plays, and what arrived.

use crate::database::Database;
use crate::error::Error;
use crate::logs::{self, damaged, instant};
use crate::schema::{accounts, grants};
use crate::store::Store;
use crate::{server, visible};
use diesel::dsl::max;
use diesel::prelude::*;
use sillage_domain::{
    LiveStore, LogNumber, ParticipantNumber, Player, Pseudonym, Reached, StoreError, StudyId,
    SubjectId, Timestamp,
};
use std::collections::HashMap;

/// Entries of one statement: some milliseconds.
const ROWS: i64 = 4096;

type Row = (i64, Vec<u8>, String, Option<i64>, bool);

fn players(db: &Database, study: StudyId) -> Result<Vec<Player>, Error> {
    let mut conn = db.reader()?;
    let enrolled = || accounts::table.filter(accounts::study_id.eq(study.0));
    let rows: Vec<Row> = enrolled()
        .order(accounts::number)
        .select((
            accounts::id,
            accounts::subject,
            accounts::username,
            accounts::number,
            accounts::active,
        ))
        .load(&mut *conn)?;
    let of_them = grants::account_id.eq_any(enrolled().select(accounts::id.nullable()));
    let used: Vec<(Option<i64>, Option<i64>)> = grants::table
        .filter(of_them)
        .group_by(grants::account_id)
        .select((grants::account_id, max(grants::used_us)))
        .load(&mut *conn)?;
    let used: HashMap<i64, i64> = used
        .into_iter()
        .filter_map(|(account, at)| account.zip(at))
        .collect();
    rows.into_iter()
        .map(|row| {
            let used_at = used.get(&row.0).copied();
            player(row, used_at)
        })
        .collect()
}

fn player(
    (id, subject, username, number, active): Row,
    used: Option<i64>,
) -> Result<Player, Error> {
    let broken = |column| damaged("accounts", id, column);
    Ok(Player {
        subject: SubjectId::new(subject.try_into().map_err(|_| broken("subject"))?),
        username: username.parse().map_err(|_| broken("username"))?,
        number: ParticipantNumber(number.ok_or_else(|| broken("number"))?),
        active,
        used_at: used.map(instant).transpose()?,
    })
}

/// A few thousand rows at a time, along the index of the study; between two readings, the connection is given back.
fn arrivals(
    db: &Database,
    study: StudyId,
    after: LogNumber,
    each: &mut dyn FnMut(Pseudonym, Timestamp),
) -> Result<Reached, Error> {
    let (epoch, bound) = {
        let mut conn = db.reader()?;
        let epoch = server::epoch(&mut conn)?;
        (epoch, visible::bound(&mut conn, db.engine)?)
    };
    let mut upto = after.0;
    loop {
        let rows = logs::arrivals(&mut *db.reader()?, study, (upto + 1, bound), ROWS)?;
        for &(number, pseudonym, received) in &rows {
            let pseudonym = Pseudonym::from_i64(pseudonym)
                .map_err(|_| damaged("log_entries", number, "pseudonym"))?;
            each(pseudonym, instant(received)?);
            upto = number;
        }
        if (rows.len() as i64) < ROWS {
            let upto = LogNumber(upto);
            return Ok(Reached { epoch, upto });
        }
    }
}

impl LiveStore for Store {
    fn players(&self, study: StudyId) -> Result<Vec<Player>, StoreError> {
        Ok(players(&self.db, study)?)
    }

    fn arrivals(
        &self,
        study: StudyId,
        after: LogNumber,
        each: &mut dyn FnMut(Pseudonym, Timestamp),
    ) -> Result<Reached, StoreError> {
        Ok(arrivals(&self.db, study, after, each)?)
    }
}
