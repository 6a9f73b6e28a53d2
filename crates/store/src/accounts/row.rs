//! Rows of accounts, read and written.

use crate::error::Error;
use crate::logs::{damaged, instant};
use crate::schema::accounts;
use diesel::prelude::*;
use sillage_domain::{
    Account, AccountId, Enrolment, NewAccount, ParticipantNumber, PasswordHash, PasswordOrigin,
    Role, StudyId, SubjectId, Timestamp,
};

#[derive(Queryable, Selectable)]
#[diesel(table_name = accounts)]
pub(super) struct Row {
    id: i64,
    subject: Vec<u8>,
    username: String,
    password_hash: String,
    role: String,
    study_id: Option<i64>,
    number: Option<i64>,
    active: bool,
    created_us: i64,
    password_origin: String,
}

#[derive(Insertable)]
#[diesel(table_name = accounts, treat_none_as_default_value = false)]
pub(crate) struct NewRow<'a> {
    subject: &'a [u8],
    username: &'a str,
    password_hash: &'a str,
    role: &'a str,
    study_id: Option<i64>,
    number: Option<i64>,
    active: bool,
    created_us: i64,
    password_origin: &'a str,
}

impl<'a> NewRow<'a> {
    pub(crate) fn new(
        account: &'a NewAccount,
        role: Role,
        enrolment: Option<Enrolment>,
        now: Timestamp,
    ) -> Self {
        Self {
            subject: account.subject.as_bytes(),
            username: account.username.as_str(),
            password_hash: account.password_hash.expose(),
            role: role.as_str(),
            study_id: enrolment.map(|e| e.study.0),
            number: enrolment.map(|e| e.number.0),
            active: true,
            created_us: now.micros(),
            password_origin: account.password_hash.origin().as_str(),
        }
    }
}

impl TryFrom<Row> for Account {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        let broken = |column| move || damaged("accounts", row.id, column);
        let enrolment = row.study_id.zip(row.number);
        Ok(Self {
            id: AccountId(row.id),
            subject: SubjectId::new(row.subject.try_into().map_err(|_| broken("subject")())?),
            username: row.username.parse().map_err(|_| broken("username")())?,
            password_hash: PasswordHash::of(
                PasswordOrigin::from_word(&row.password_origin)
                    .ok_or_else(broken("password_origin"))?,
                row.password_hash,
            ),
            role: Role::from_word(&row.role).ok_or_else(broken("role"))?,
            enrolment: enrolment.map(|(s, n)| Enrolment {
                study: StudyId(s),
                number: ParticipantNumber(n),
            }),
            active: row.active,
            created_at: instant(row.created_us)?,
        })
    }
}
