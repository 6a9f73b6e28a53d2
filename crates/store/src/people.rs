//! People who run studies, and memberships.
//!
//! Whether an administrator or a manager is left depends on other rows than the one that is changed. So whoever takes a right away takes a turn
//! first, which two transactions can't take at the same time.

use crate::connection::Conn;
use crate::database::Database;
use crate::dialect::instr;
use crate::error::Error;
use crate::logs::{damaged, instant};
use crate::paging;
use crate::schema::{accounts, studies, study_members};
use crate::store::Store;
use crate::{erasure, grants, server};
use diesel::dsl::{exists, select};
use diesel::prelude::*;
use sillage_domain::codebook::nfc;
use sillage_domain::{
    AccountId, Erased, ErasureLedger, GrantId, Member, MemberEditor, PageRequest, Paged,
    PasswordHash, PasswordOrigin, PeopleError, PeopleStore, Role, Slug, StoreError, StudyId,
    StudyRole, User, UserChange, Username,
};

/// Of those who take a right away.
const TURN: &str = "people_turn";

#[derive(Queryable, Selectable)]
#[diesel(table_name = accounts)]
struct Row {
    id: i64,
    username: String,
    role: String,
    active: bool,
    created_us: i64,
    password_hash: String,
    password_origin: String,
}

impl TryFrom<Row> for User {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        let broken = |column| damaged("accounts", row.id, column);
        Ok(Self {
            id: AccountId(row.id),
            username: row.username.parse().map_err(|_| broken("username"))?,
            role: Role::from_word(&row.role).ok_or_else(|| broken("role"))?,
            active: row.active,
            created_at: instant(row.created_us)?,
            password_hash: PasswordHash::of(
                PasswordOrigin::from_word(&row.password_origin)
                    .ok_or_else(|| broken("password_origin"))?,
                row.password_hash,
            ),
        })
    }
}

/// The accounts of users: those without a study, which an index finds, and that are no participant's.
macro_rules! users {
    () => {
        accounts::table
            .filter(accounts::study_id.is_null())
            .filter(accounts::role.ne(Role::Participant.as_str()))
    };
}

fn by_id(conn: &mut Conn, id: AccountId) -> Result<Option<User>, Error> {
    let found = users!().filter(accounts::id.eq(id.0));
    let row: Option<Row> = found.select(Row::as_select()).first(conn).optional()?;
    row.map(User::try_from).transpose()
}

fn by_name(conn: &mut Conn, username: &Username) -> Result<Option<User>, Error> {
    let found = users!().filter(accounts::username.eq(username.as_str()));
    let row: Option<Row> = found.select(Row::as_select()).first(conn).optional()?;
    row.map(User::try_from).transpose()
}

fn list(db: &Database, search: Option<&str>, page: &PageRequest) -> Result<Paged<User>, Error> {
    // Usernames are kept case folded, in NFC.
    let part = nfc(&search.unwrap_or_default().to_lowercase()).into_owned();
    let found = || match part.as_str() {
        "" => users!().into_boxed(),
        part => users!()
            .filter(instr(accounts::username, part.to_owned()).gt(0))
            .into_boxed(),
    };
    let mut conn = db.reader()?;
    let total: i64 = found().count().get_result(&mut *conn)?;
    let rows: Vec<Row> = found()
        .order(accounts::username)
        .offset(paging::offset(page))
        .limit(page.size.get().into())
        .select(Row::as_select())
        .load(&mut *conn)?;
    paging::paged(total, rows, User::try_from)
}

/// That user, still as he was seen.
fn seen_user(conn: &mut Conn, id: AccountId, seen: Option<&User>) -> Result<User, Error> {
    let user = by_id(conn, id)?.ok_or(Error::NotFound)?;
    match seen {
        Some(seen) if *seen != user => Err(Error::Stale),
        _ => Ok(user),
    }
}

/// Fails if there is no other administrator who may log in.
fn need_other_admin(conn: &mut Conn, user: &User) -> Result<(), Error> {
    let others = users!()
        .filter(accounts::role.eq(Role::Admin.as_str()))
        .filter(accounts::active.eq(true))
        .filter(accounts::id.ne(user.id.0));
    if user.is_active_admin() && !select(exists(others)).get_result::<bool>(conn)? {
        return Err(Error::People(Box::new(PeopleError::LastAdmin)));
    }
    Ok(())
}

fn change(
    conn: &mut Conn,
    id: AccountId,
    change: &UserChange,
    seen: Option<&User>,
) -> Result<User, Error> {
    // What was read is written again, so nobody may change it in between.
    server::take_turn(conn, TURN)?;
    let before = seen_user(conn, id, seen)?;
    let after = change.applied_to(&before);
    if !after.is_active_admin() {
        need_other_admin(conn, &before)?;
    }
    diesel::update(accounts::table.find(id.0))
        .set((
            accounts::role.eq(after.role.as_str()),
            accounts::active.eq(after.active),
        ))
        .execute(conn)?;
    if let Some(hash) = &change.password_hash {
        diesel::update(accounts::table.find(id.0))
            .set((
                accounts::password_hash.eq(hash.expose()),
                accounts::password_origin.eq(hash.origin().as_str()),
            ))
            .execute(conn)?;
    }
    if change.ends_grants() {
        grants::end_of(conn, id)?;
    }
    Ok(after)
}

fn delete(
    conn: &mut Conn,
    ledger: Option<&dyn ErasureLedger>,
    id: AccountId,
    seen: Option<&User>,
) -> Result<(), Error> {
    server::take_turn(conn, TURN)?;
    let user = seen_user(conn, id, seen)?;
    need_other_admin(conn, &user)?;
    let managed: Vec<(i64, String)> = study_members::table
        .inner_join(studies::table)
        .filter(study_members::account_id.eq(id.0))
        .filter(study_members::role.eq(StudyRole::Manager.as_str()))
        .order(studies::slug)
        .select((studies::id, studies::slug))
        .load(conn)?;
    let mut alone = Vec::new();
    for (study, slug) in managed {
        if !others_manage(conn, id, StudyId(study))? {
            alone.push(slug_of(study, &slug)?);
        }
    }
    if !alone.is_empty() {
        return Err(Error::People(Box::new(PeopleError::LastManager(alone))));
    }
    erasure::unlink(conn, ledger, id, Erased::Anonymise)
}

fn change_own_password(
    conn: &mut Conn,
    id: AccountId,
    old: &PasswordHash,
    new: &PasswordHash,
    kept: Option<GrantId>,
) -> Result<(), Error> {
    let as_seen = accounts::table
        .filter(accounts::id.eq(id.0))
        .filter(accounts::password_hash.eq(old.expose()));
    let changed = diesel::update(as_seen)
        .set((
            accounts::password_hash.eq(new.expose()),
            accounts::password_origin.eq(new.origin().as_str()),
        ))
        .execute(conn)?;
    if changed == 0 {
        let there: bool = select(exists(accounts::table.find(id.0))).get_result(conn)?;
        return Err(if there { Error::Stale } else { Error::NotFound });
    }
    grants::end_others_of(conn, id, kept)
}

fn slug_of(study: i64, slug: &str) -> Result<Slug, Error> {
    slug.parse().map_err(|_| damaged("studies", study, "slug"))
}

/// Whether somebody else who may log in manages the study.
fn others_manage(conn: &mut Conn, account: AccountId, study: StudyId) -> Result<bool, Error> {
    let others = study_members::table
        .inner_join(accounts::table)
        .filter(study_members::study_id.eq(study.0))
        .filter(study_members::role.eq(StudyRole::Manager.as_str()))
        .filter(study_members::account_id.ne(account.0))
        .filter(accounts::active.eq(true));
    Ok(select(exists(others)).get_result(conn)?)
}

/// Of one study, with the id of the account.
type MemberRow = (i64, String, String, bool);

fn member_of((id, username, role, active): MemberRow) -> Result<Member, Error> {
    Ok(Member {
        username: username
            .parse()
            .map_err(|_| damaged("accounts", id, "username"))?,
        role: StudyRole::from_word(&role).ok_or_else(|| damaged("study_members", id, "role"))?,
        active,
    })
}

const MEMBER: (
    accounts::id,
    accounts::username,
    study_members::role,
    accounts::active,
) = (
    accounts::id,
    accounts::username,
    study_members::role,
    accounts::active,
);

fn members(db: &Database, study: StudyId, page: &PageRequest) -> Result<Paged<Member>, Error> {
    let of_study = || study_members::table.filter(study_members::study_id.eq(study.0));
    let mut conn = db.reader()?;
    let total: i64 = of_study().count().get_result(&mut *conn)?;
    let rows: Vec<MemberRow> = of_study()
        .inner_join(accounts::table)
        .order(accounts::username)
        .offset(paging::offset(page))
        .limit(page.size.get().into())
        .select(MEMBER)
        .load(&mut *conn)?;
    paging::paged(total, rows, member_of)
}

fn member(
    conn: &mut Conn,
    study: StudyId,
    username: &Username,
) -> Result<Option<(AccountId, Member)>, Error> {
    let row: Option<MemberRow> = study_members::table
        .inner_join(accounts::table)
        .filter(study_members::study_id.eq(study.0))
        .filter(accounts::username.eq(username.as_str()))
        .select(MEMBER)
        .first(conn)
        .optional()?;
    row.map(|row| Ok((AccountId(row.0), member_of(row)?)))
        .transpose()
}

fn add_member(
    conn: &mut Conn,
    study: StudyId,
    username: &Username,
    role: StudyRole,
) -> Result<Member, Error> {
    if !select(exists(studies::table.find(study.0))).get_result::<bool>(conn)? {
        return Err(Error::NotFound);
    }
    let user = by_name(conn, username)?
        .ok_or_else(|| Error::People(Box::new(PeopleError::NoSuchUser(username.clone()))))?;
    if member(conn, study, username)?.is_some() {
        let refused = PeopleError::AlreadyMember(username.clone());
        return Err(Error::People(Box::new(refused)));
    }
    let row = (
        study_members::study_id.eq(study.0),
        study_members::account_id.eq(user.id.0),
        study_members::role.eq(role.as_str()),
    );
    diesel::insert_into(study_members::table)
        .values(row)
        .execute(conn)?;
    Ok(Member {
        username: user.username,
        role,
        active: user.active,
    })
}

/// That member, still as he was seen; a manager only if the editor may take him away.
fn editable(
    conn: &mut Conn,
    study: StudyId,
    username: &Username,
    seen: Option<&Member>,
    stays_manager: bool,
    editor: MemberEditor,
) -> Result<(AccountId, Member), Error> {
    server::take_turn(conn, TURN)?;
    let (account, member) = member(conn, study, username)?.ok_or(Error::NotFound)?;
    if seen.is_some_and(|seen| *seen != member) {
        return Err(Error::Stale);
    }
    if editor == MemberEditor::Manager
        && member.role == StudyRole::Manager
        && !stays_manager
        && !others_manage(conn, account, study)?
    {
        let slug: String = studies::table
            .find(study.0)
            .select(studies::slug)
            .first(conn)?;
        let alone = vec![slug_of(study.0, &slug)?];
        return Err(Error::People(Box::new(PeopleError::LastManager(alone))));
    }
    Ok((account, member))
}

impl PeopleStore for Store {
    fn users(&self, search: Option<&str>, page: &PageRequest) -> Result<Paged<User>, StoreError> {
        Ok(list(&self.db, search, page)?)
    }

    fn user(&self, id: AccountId) -> Result<Option<User>, StoreError> {
        Ok(by_id(&mut *self.db.reader()?, id)?)
    }

    fn user_named(&self, username: &Username) -> Result<Option<User>, StoreError> {
        Ok(by_name(&mut *self.db.reader()?, username)?)
    }

    fn change_user(
        &self,
        id: AccountId,
        wanted: &UserChange,
        seen: Option<&User>,
    ) -> Result<User, PeopleError> {
        Ok(self.db.write(|conn| change(conn, id, wanted, seen))?)
    }

    fn delete_user(&self, id: AccountId, seen: Option<&User>) -> Result<(), PeopleError> {
        let ledger = self.db.ledger();
        self.db.write(|conn| delete(conn, ledger, id, seen))?;
        erasure::forget(&self.db);
        Ok(())
    }

    fn change_own_password(
        &self,
        id: AccountId,
        old: &PasswordHash,
        new: &PasswordHash,
        kept: Option<GrantId>,
    ) -> Result<(), StoreError> {
        Ok(self
            .db
            .write(|conn| change_own_password(conn, id, old, new, kept))?)
    }

    fn members(&self, study: StudyId, page: &PageRequest) -> Result<Paged<Member>, StoreError> {
        Ok(members(&self.db, study, page)?)
    }

    fn member(&self, study: StudyId, username: &Username) -> Result<Option<Member>, StoreError> {
        let found = member(&mut *self.db.reader()?, study, username)?;
        Ok(found.map(|(_, member)| member))
    }

    fn add_member(
        &self,
        study: StudyId,
        username: &Username,
        role: StudyRole,
    ) -> Result<Member, PeopleError> {
        Ok(self
            .db
            .write(|conn| add_member(conn, study, username, role))?)
    }

    fn change_member(
        &self,
        study: StudyId,
        username: &Username,
        role: StudyRole,
        seen: Option<&Member>,
        editor: MemberEditor,
    ) -> Result<Member, PeopleError> {
        let stays = role == StudyRole::Manager;
        Ok(self.db.write(|conn| {
            let (account, member) = editable(conn, study, username, seen, stays, editor)?;
            diesel::update(study_members::table.find((account.0, study.0)))
                .set(study_members::role.eq(role.as_str()))
                .execute(conn)?;
            Ok(Member { role, ..member })
        })?)
    }

    fn remove_member(
        &self,
        study: StudyId,
        username: &Username,
        seen: Option<&Member>,
        editor: MemberEditor,
    ) -> Result<(), PeopleError> {
        self.db.write(|conn| {
            let (account, _) = editable(conn, study, username, seen, false, editor)?;
            diesel::delete(study_members::table.find((account.0, study.0))).execute(conn)?;
            Ok(())
        })?;
        Ok(())
    }
}
