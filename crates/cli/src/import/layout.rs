//! Where in the old database what stands: its tables and columns, in the spellings that such applications have.

use crate::CommandError;
use sillage_domain::ForeignTable;

const USERS: &[&str] = &["users", "user", "accounts", "account"];
const LOGS: &[&str] = &["logs", "log", "traces", "trace"];
const ID: &[&str] = &["id", "userid", "number", "logid"];
const USERNAME: &[&str] = &["username", "login", "name"];
const PASSWORD: &[&str] = &["passwordhash", "pwdhash", "password", "pwd", "hash"];
const ROLE: &[&str] = &["role", "admin", "isadmin"];
const OWNER: &[&str] = &["userid", "user", "uid"];
const TIME: &[&str] = &["timestamp", "time", "datetime", "date", "createdat"];
const SEQUENCE: &[&str] = &["sequence", "seq"];
const ACTION: &[&str] = &["actiontype", "action"];

/// The table of users.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Users {
    pub(super) table: String,
    pub(super) id: String,
    pub(super) username: String,
    pub(super) password: String,
    pub(super) role: Option<String>,
    pub(super) rows: u64,
}

/// The table of logs.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Logs {
    pub(super) table: String,
    pub(super) id: String,
    pub(super) owner: String,
    pub(super) time: String,
    pub(super) sequence: Option<String>,
    pub(super) action: String,
    /// The columns that belong to the payload.
    pub(super) others: Vec<String>,
    pub(super) rows: u64,
}

/// The old database.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Layout {
    pub(super) users: Users,
    pub(super) logs: Logs,
}

impl Layout {
    pub(super) fn of(tables: &[ForeignTable]) -> Result<Self, CommandError> {
        let users = table(tables, USERS, "users")?;
        let logs = table(tables, LOGS, "logs")?;
        let id = ID.iter().take(3).copied().collect::<Vec<_>>();
        Ok(Self {
            users: Users {
                table: users.name.clone(),
                id: needed(users, &id, "id")?,
                username: needed(users, USERNAME, "username")?,
                password: needed(users, PASSWORD, "password_hash")?,
                role: column(users, ROLE),
                rows: users.rows,
            },
            logs: of_logs(logs)?,
        })
    }
}

fn of_logs(table: &ForeignTable) -> Result<Logs, CommandError> {
    let id = needed(table, &["id", "logid"], "id")?;
    let owner = needed(table, OWNER, "userID")?;
    let time = needed(table, TIME, "timestamp")?;
    let sequence = column(table, SEQUENCE);
    let action = needed(table, ACTION, "actionType")?;
    let taken = [
        Some(&id),
        Some(&owner),
        Some(&time),
        sequence.as_ref(),
        Some(&action),
    ];
    let others = table.columns.iter();
    let others = others.filter(|column| !taken.contains(&Some(column)));
    Ok(Logs {
        table: table.name.clone(),
        others: others.cloned().collect(),
        id,
        owner,
        time,
        sequence,
        action,
        rows: table.rows,
    })
}

fn table<'a>(
    tables: &'a [ForeignTable],
    names: &[&str],
    expected: &str,
) -> Result<&'a ForeignTable, CommandError> {
    let found = names
        .iter()
        .find_map(|name| tables.iter().find(|table| plain(&table.name) == *name));
    found.ok_or_else(|| {
        let there: Vec<_> = tables.iter().map(|table| table.name.as_str()).collect();
        CommandError::Layout(format!(
            "it has no table `{expected}`; its tables are: {}",
            there.join(", ")
        ))
    })
}

fn column(table: &ForeignTable, names: &[&str]) -> Option<String> {
    names
        .iter()
        .find_map(|name| table.columns.iter().find(|column| plain(column) == *name))
        .cloned()
}

fn needed(table: &ForeignTable, names: &[&str], expected: &str) -> Result<String, CommandError> {
    column(table, names).ok_or_else(|| {
        CommandError::Layout(format!(
            "its table `{}` has no column `{expected}`; its columns are: {}",
            table.name,
            table.columns.join(", ")
        ))
    })
}

/// A name without the marks and capitals that spellings differ in.
fn plain(name: &str) -> String {
    name.replace('_', "").to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table_of(name: &str, columns: &[&str]) -> ForeignTable {
        ForeignTable {
            name: name.to_owned(),
            columns: columns.iter().map(|&column| column.to_owned()).collect(),
            rows: 3,
        }
    }

    #[test]
    fn the_tables_are_known_in_any_spelling() {
        let users = table_of("User", &["user_id", "username", "password_hash", "role"]);
        let logs = table_of(
            "logs",
            &[
                "id",
                "userID",
                "timestamp",
                "sequence",
                "roomName",
                "actionType",
            ],
        );
        let layout = Layout::of(&[users, logs]).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(layout.users.id, "user_id");
        assert_eq!(layout.users.role.as_deref(), Some("role"));
        assert_eq!(layout.logs.owner, "userID");
        assert_eq!(layout.logs.others, ["roomName"]);
    }

    #[test]
    fn another_program_s_database_is_told_by_what_it_lacks() {
        let told = |tables: &[ForeignTable]| match Layout::of(tables) {
            Err(error) => error.to_string(),
            Ok(layout) => panic!("{layout:?}"),
        };
        assert!(
            told(&[table_of("pictures", &["id"])])
                .contains("no table `users`; its tables are: pictures")
        );
        let users = table_of("users", &["id", "username", "pwd"]);
        assert!(told(std::slice::from_ref(&users)).contains("no table `logs`"));
        let logs = table_of("logs", &["id", "userID", "timestamp"]);
        assert!(
            told(&[users, logs])
                .contains("no column `actionType`; its columns are: id, userID, timestamp")
        );
    }
}
