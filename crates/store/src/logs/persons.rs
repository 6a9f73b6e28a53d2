//! Whose entries may be used for a purpose: in a list by a condition, in a scan by the people themselves.

use crate::connection::{Conn, MultiBackend};
use crate::consents::{DENIED, GIVEN, Standing};
use crate::error::Error;
use crate::logs::damaged;
use crate::schema::{consents, log_entries, studies};
use diesel::dsl::sql;
use diesel::expression::BoxableExpression;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use sillage_domain::{LogQuery, Pseudonym, Purpose, Purposes, StoredEntry, StudyId, StudyScope};
use std::collections::HashSet;

/// What [`Decisions::allow_use`](sillage_domain::Decisions::allow_use) says, of several studies, in the words of the database.
#[derive(Debug, Clone)]
pub(super) struct Persons {
    purpose: Purpose,
    /// The studies that ask for consent, and what for.
    asking: Vec<(i64, Purposes)>,
}

impl Persons {
    /// The condition of a list; `None` where it would leave nobody out.
    pub(super) fn of(conn: &mut Conn, query: &LogQuery) -> Result<Option<Self>, Error> {
        let Some(purpose) = query.filter.purpose else {
            return Ok(None);
        };
        let asking = asking(conn, &query.scope)?;
        if asking.is_empty() && !anybody_decided(conn, &query.scope)? {
            return Ok(None);
        }
        Ok(Some(Self { purpose, asking }))
    }

    pub(super) fn condition<'a>(
        &self,
    ) -> Box<dyn BoxableExpression<log_entries::table, MultiBackend, SqlType = Bool> + 'a> {
        Box::new(sql::<Bool>(&self.words()))
    }

    /// Numbers and names of ours, and nothing that anybody sent.
    fn words(&self) -> String {
        let own = |what: &str| {
            format!(
                "EXISTS (SELECT 1 FROM consents WHERE consents.study_id = log_entries.study_id \
                 AND consents.pseudonym = log_entries.pseudonym AND {what})"
            )
        };
        let purpose = self.purpose.as_str();
        let denied = own(&format!(
            "(consents.holds <> 0 OR consents.collection >= {DENIED} OR consents.{purpose} >= {DENIED})"
        ));
        let given = own(&format!(
            "consents.holds = 0 AND consents.collection = {GIVEN} AND consents.{purpose} = {GIVEN}"
        ));
        let implied = own(&format!(
            "consents.holds = 0 AND consents.collection = {GIVEN} AND consents.{purpose} < {DENIED}"
        ));
        let implies = |asked: Purposes| {
            self.purpose == Purpose::Research && !asked.contains(Purpose::Research)
        };
        let list = |implying: bool| {
            let those = self.asking.iter();
            let those = those.filter(|(_, asked)| implies(*asked) == implying);
            let ids: Vec<_> = those.map(|(study, _)| study.to_string()).collect();
            ids.join(", ")
        };
        let mut words = String::from("(CASE");
        for (studies, condition) in [(list(false), given), (list(true), implied)] {
            if !studies.is_empty() {
                words += &format!(" WHEN log_entries.study_id IN ({studies}) THEN {condition}");
            }
        }
        match self.asking.is_empty() {
            true => format!("(NOT {denied})"),
            false => format!("{words} ELSE NOT {denied} END)"),
        }
    }
}

fn only(scope: &StudyScope) -> Option<Vec<i64>> {
    match scope {
        StudyScope::All => None,
        StudyScope::Only(some) => Some(some.iter().map(|study| study.0).collect()),
    }
}

fn asking(conn: &mut Conn, scope: &StudyScope) -> Result<Vec<(i64, Purposes)>, Error> {
    let mut query = studies::table
        .filter(studies::consent_purposes.ne(0))
        .select((studies::id, studies::consent_purposes))
        .into_boxed();
    if let Some(ids) = only(scope) {
        query = query.filter(studies::id.eq_any(ids));
    }
    let rows: Vec<(i64, i16)> = query.load(conn)?;
    let asked = |(study, bits)| Ok((study, purposes(study, bits)?));
    rows.into_iter().map(asked).collect()
}

/// Whether anybody said anything; as a rule nobody does where nothing is asked.
fn anybody_decided(conn: &mut Conn, scope: &StudyScope) -> Result<bool, Error> {
    let mut query = consents::table.select(consents::study_id).into_boxed();
    if let Some(ids) = only(scope) {
        query = query.filter(consents::study_id.eq_any(ids));
    }
    let found: Option<i64> = query.first(conn).optional()?;
    Ok(found.is_some())
}

/// The purposes of a row of `studies`.
pub(crate) fn purposes(study: i64, bits: i16) -> Result<Purposes, Error> {
    let purposes = u8::try_from(bits).ok().and_then(Purposes::from_bits);
    purposes.ok_or_else(|| damaged("studies", study, "consent_purposes"))
}

/// The people of one study who are, or are not, to be met in a scan.
pub(super) enum Met {
    Everybody,
    Only(HashSet<Pseudonym>),
    AllBut(HashSet<Pseudonym>),
}

impl Met {
    pub(super) fn of(
        conn: &mut Conn,
        study: StudyId,
        purpose: Option<Purpose>,
    ) -> Result<Self, Error> {
        let Some(purpose) = purpose else {
            return Ok(Self::Everybody);
        };
        let scope = StudyScope::Only(vec![study]);
        let asked = asking(conn, &scope)?.first().map(|(_, asked)| *asked);
        let asked = asked.unwrap_or_default();
        let rows = consents::table
            .filter(consents::study_id.eq(study.0))
            .select(Standing::as_select());
        let mut people = HashSet::new();
        for row in rows.load_iter::<Standing, _>(conn)? {
            let row = row?;
            // Those who are the fewer as a rule: who allowed it where it is asked, who did not where it is not.
            if row.decisions()?.allow_use(asked, purpose) != asked.is_empty() {
                people.insert(row.pseudonym()?);
            }
        }
        Ok(match (asked.is_empty(), people.is_empty()) {
            (true, true) => Self::Everybody,
            (true, false) => Self::AllBut(people),
            (false, _) => Self::Only(people),
        })
    }

    pub(super) fn has(&self, entry: &StoredEntry) -> bool {
        match self {
            Self::Everybody => true,
            Self::Only(people) => people.contains(&entry.pseudonym),
            Self::AllBut(people) => !people.contains(&entry.pseudonym),
        }
    }
}
