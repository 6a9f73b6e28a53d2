//! Rows of identities, and what they stand for.

use crate::error::Error;
use crate::logs::damaged;
use crate::schema::identities;
use diesel::prelude::*;
use sillage_domain::{
    AccountId, IdentityField, SealedIdentity, SealedPersonKey, StudyId, VaultVersion,
};

/// An identity, sealed.
#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = identities, treat_none_as_default_value = false)]
pub(super) struct Row {
    account_id: i64,
    study_id: i64,
    revision: i64,
    key_version: i32,
    sealed_key: Vec<u8>,
    email_index: Option<Vec<u8>>,
    guardian_index: Option<Vec<u8>>,
    name: Option<Vec<u8>>,
    first_name: Option<Vec<u8>>,
    email: Option<Vec<u8>>,
    guardian_name: Option<Vec<u8>>,
    guardian_email: Option<Vec<u8>>,
}

impl From<&SealedIdentity> for Row {
    fn from(sealed: &SealedIdentity) -> Self {
        let of = |wanted| {
            let mut fields = sealed.fields.iter();
            let found = fields.find(|(field, _)| *field == wanted);
            found.map(|(_, text)| text.clone())
        };
        Self {
            account_id: sealed.account.0,
            study_id: sealed.study.0,
            revision: sealed.revision,
            key_version: sealed.key.version.0,
            sealed_key: sealed.key.sealed.clone(),
            email_index: sealed.key.email_index.map(Vec::from),
            guardian_index: sealed.key.guardian_index.map(Vec::from),
            name: of(IdentityField::Name),
            first_name: of(IdentityField::FirstName),
            email: of(IdentityField::Email),
            guardian_name: of(IdentityField::GuardianName),
            guardian_email: of(IdentityField::GuardianEmail),
        }
    }
}

impl TryFrom<Row> for SealedIdentity {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        let index = |index: Option<Vec<u8>>, column| {
            let index = index.map(<[u8; 16]>::try_from).transpose();
            index.map_err(|_| damaged("identities", row.account_id, column))
        };
        let fields = [
            (IdentityField::Name, row.name),
            (IdentityField::FirstName, row.first_name),
            (IdentityField::Email, row.email),
            (IdentityField::GuardianName, row.guardian_name),
            (IdentityField::GuardianEmail, row.guardian_email),
        ];
        let fields = fields.into_iter();
        Ok(Self {
            study: StudyId(row.study_id),
            account: AccountId(row.account_id),
            revision: row.revision,
            key: SealedPersonKey {
                version: VaultVersion(row.key_version),
                sealed: row.sealed_key,
                email_index: index(row.email_index, "email_index")?,
                guardian_index: index(row.guardian_index, "guardian_index")?,
            },
            fields: fields
                .filter_map(|(field, text)| Some((field, text?)))
                .collect(),
        })
    }
}
