//! The server is killed under load, again and again.

use crate::load::Load;
use crate::stage::{Ended, Stage};
use crate::support::Server;
use crate::support::class::{ADMIN_PASSWORD, Class};
use std::time::Duration;

pub(crate) fn play(stage: &Stage) -> Ended {
    let mut server = Server::with_admin_password(stage.engine, ADMIN_PASSWORD);
    let class = Class::new(server.address(), "killed", 8);
    let load = Load::start(&class);
    let rounds = stage.times(50, 5);
    for round in 0..rounds {
        load.wait_for_more(40);
        // Another moment each time: in a commit, after it, before an answer.
        std::thread::sleep(Duration::from_millis(round as u64 * 7 % 40));
        server.kill();
        server.restart();
        load.move_to(server.address());
    }
    load.wait_for_more(40);
    let class = Class {
        server: server.address(),
        ..class
    };
    load.finish(&class, |seen| {
        format!(
            "{rounds} kills, {} requests without an answer",
            seen.unanswered
        )
    })
}
