//! The database is killed under load, and started again.

use crate::load::{Load, wait_until};
use crate::stage::{Ended, Stage};
use crate::support::class::{ADMIN_PASSWORD, Class};
use crate::support::mariadb::Mariadb;
use crate::support::{Engine, Server};

pub(crate) fn play(stage: &Stage) -> Ended {
    if stage.engine == Engine::Sqlite {
        return Ended::Elsewhere;
    }
    let Some(mut database) = Mariadb::start() else {
        return Ended::Skipped("TEST_MARIADBD names no database server");
    };
    let admin = ("SILLAGE__AUTH__ADMIN_PASSWORD", ADMIN_PASSWORD);
    let server = Server::on_database(&database.url(), &[admin]);
    let class = Class::new(server.address(), "gone", 8);
    let load = Load::start(&class);
    let rounds = stage.times(10, 2);
    for _ in 0..rounds {
        load.wait_for_more(40);
        let before = load.answered(503);
        database.kill();
        wait_until("it says that the database is away", || {
            load.answered(503) >= before + 8
        });
        database.resume();
    }
    load.wait_for_more(40);
    let seen = load.seen();
    assert_eq!(seen.unadvised, 0, "a 503 without Retry-After");
    assert_eq!(seen.unanswered, 0, "a request got no answer");
    load.finish(&class, |seen| {
        format!(
            "{rounds} kills of the database, {} answers 503",
            seen.answers[&503]
        )
    })
}
