//! The URL of a database, which may have a password in it.

use crate::failure::Failure;
use serde::{Deserialize, Serialize, Serializer};
use std::fmt;
use std::path::Path;

/// What such a URL begins with.
const SCHEMES: [&str; 3] = ["sqlite://", "mysql://", "mariadb://"];

/// The URL of a database. What shows it leaves the password out.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub(crate) struct DatabaseUrl(String);

impl DatabaseUrl {
    pub(crate) fn new(url: impl Into<String>) -> Self {
        Self(url.into())
    }

    pub(crate) fn sqlite(path: &Path) -> Self {
        Self(format!("sqlite://{}", path.display()))
    }

    /// Whether it is the URL of a database that Sillage knows; nothing is connected to.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        match SCHEMES.iter().any(|scheme| self.0.starts_with(scheme)) {
            true => Ok(()),
            false => Err(Failure::Scheme {
                url: self.to_string(),
                known: SCHEMES.join(" or "),
            }),
        }
    }

    /// With the password.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some((scheme, rest)) = self.0.split_once("://") else {
            return f.write_str("***");
        };
        // A password may have an @ in it that should have been written %40.
        match rest.rsplit_once('@') {
            Some((who, place)) if scheme != "sqlite" => {
                let user = who.split_once(':').map_or(who, |(user, _)| user);
                write!(f, "{scheme}://{user}:***@{place}")
            }
            _ => write!(f, "{scheme}://{rest}"),
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for DatabaseUrl {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_not_shown() {
        let shown = |url: &str| format!("{:?}", DatabaseUrl::new(url));
        assert_eq!(
            shown("mysql://sillage:p@ss:word@db.example.org:3306/x"),
            "mysql://sillage:***@db.example.org:3306/x"
        );
        assert_eq!(
            shown("mysql://db.example.org/x"),
            "mysql://db.example.org/x"
        );
        assert_eq!(shown("sqlite://a@b/sillage.db"), "sqlite://a@b/sillage.db");
        assert_eq!(shown("no url, perhaps a password"), "***");
    }
}
