//! The real binary, started on data of its own, and what tests do with it.
//!
//! A [`Home`] is a folder, settings and a database; a [`Server`] lives in one, and is started there as often as a test likes.

pub(crate) mod certificate;
pub(crate) mod class;
pub(crate) mod database;
pub(crate) mod home;
pub(crate) mod mariadb;
pub(crate) mod nginx;
pub(crate) mod nodes;
pub(crate) mod old_collector;
pub(crate) mod posting;
pub(crate) mod proxies;
pub(crate) mod raw;
pub(crate) mod relay;
pub(crate) mod server;

pub(crate) use database::Engine;
pub(crate) use home::Home;
pub(crate) use server::Server;

/// Makes two tests of each function that takes an [`Engine`]: one on SQLite, one on MySQL or MariaDB where there is a server.
macro_rules! engines {
    ($($name:ident)+) => {
        mod on_sqlite {
            $(#[test]
            fn $name() {
                super::$name($crate::support::Engine::Sqlite);
            })+
        }

        mod on_mariadb {
            $(#[test]
            fn $name() {
                if $crate::support::Engine::Mariadb.is_there() {
                    super::$name($crate::support::Engine::Mariadb);
                }
            })+
        }
    };
}
pub(crate) use engines;
