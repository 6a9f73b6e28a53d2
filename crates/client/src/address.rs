//! Addresses that a password may be sent to.

use crate::settings::Settings;
use std::path::PathBuf;

impl Settings {
    /// Whether the address is one that passwords may be sent to.
    pub(crate) fn check(&self) -> Result<(), StartError> {
        let told = || StartError::Address(self.base.clone());
        if self.base.starts_with("https://") {
            return if cfg!(feature = "tls") {
                Ok(())
            } else {
                Err(StartError::NoTls)
            };
        }
        let host = self.host().filter(|_| self.base.starts_with("http://"));
        let host = host.ok_or_else(told)?;
        if self.is_here() || self.plain_http {
            Ok(())
        } else {
            Err(StartError::PlainHttp(host.to_owned()))
        }
    }

    /// The host that the address names.
    fn host(&self) -> Option<&str> {
        let (_, rest) = self.base.split_once("://")?;
        let authority = rest.split('/').next().unwrap_or_default();
        let host = match authority.strip_prefix('[') {
            Some(rest) => rest.split(']').next(),
            None => authority.split(':').next(),
        };
        host.filter(|host| !host.is_empty() && !authority.contains('@'))
    }

    /// Whether the server is on this machine, as the unspecified address is for whoever connects to it.
    pub(crate) fn is_here(&self) -> bool {
        self.host().is_some_and(|host| {
            let address = host.parse::<std::net::IpAddr>();
            host == "localhost"
                || address.is_ok_and(|address| address.is_loopback() || address.is_unspecified())
        })
    }
}

/// Why a client could not be started. The game goes on without it, or with one in memory.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The address is none.
    #[error(
        "`{0}` is no address of a server: it begins with https:// or http://, and has no username in it"
    )]
    Address(String),
    /// The password would go through the network in the clear.
    #[error(
        "{0} is another machine, and http:// would send the password in the clear: use https://, or allow it"
    )]
    PlainHttp(String),
    /// This build knows no HTTPS.
    #[error("built without the feature `tls`")]
    NoTls,
    /// The folder can't be used.
    #[error("{}: {source}", .path.display())]
    Folder {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The operating system gives no thread or no randomness.
    #[error("the operating system refuses what the client needs: {0}")]
    System(std::io::Error),
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Account;
    use rstest::rstest;

    fn settings(base: &str) -> Settings {
        Settings::new(base, Account::player("Pupil-1", "a secret"))
    }

    #[rstest]
    #[case("http://127.0.0.1:8080/")]
    #[case("http://[::1]:8080/games")]
    #[case("http://localhost")]
    #[cfg_attr(feature = "tls", case("https://api.example.org/tsadk"))]
    fn an_address_may_be_secure_or_on_this_machine(#[case] base: &str) {
        settings(base).check().unwrap();
    }

    #[rstest]
    #[case("http://api.example.org")]
    #[case("http://192.0.2.1:80")]
    #[case("http://127.0.0.1.example.org")]
    fn a_password_goes_to_no_other_machine_in_the_clear(#[case] base: &str) {
        let refused = settings(base).check();
        assert!(
            matches!(refused, Err(StartError::PlainHttp(_))),
            "{refused:?}"
        );
        settings(base).allow_plain_http().check().unwrap();
    }

    #[rstest]
    #[case("api.example.org")]
    #[case("http://")]
    #[case("ftp://example.org")]
    #[case("http://localhost@example.org")]
    fn what_is_no_address_is_refused(#[case] base: &str) {
        let refused = settings(base).check();
        assert!(
            matches!(refused, Err(StartError::Address(_))),
            "{refused:?}"
        );
    }
}
