//! A queue that is too small for what comes.

use crate::load::Load;
use crate::stage::{Ended, Stage};
use crate::support::Server;
use crate::support::class::{ADMIN_PASSWORD, Class};

pub(crate) fn play(stage: &Stage) -> Ended {
    let settings = [
        ("SILLAGE__AUTH__ADMIN_PASSWORD", ADMIN_PASSWORD),
        // Three batches of a player. No request may hold more than the queue.
        ("SILLAGE__LIMITS__QUEUE_ROWS", "21"),
        ("SILLAGE__LIMITS__ENTRIES", "7"),
        // One commit a request: as slow as it can be.
        ("SILLAGE__LIMITS__GROUP_ROWS", "1"),
    ];
    let server = Server::with_settings(stage.engine, &settings);
    let class = Class::new(server.address(), "overflow", 32);
    let load = Load::start(&class);
    load.go_on_for(stage.seconds(60, 5));
    load.wait_for_more(40);
    let seen = load.seen();
    assert!(seen.answers.contains_key(&503), "the queue never was full");
    assert_eq!(seen.unadvised, 0, "a 503 without Retry-After");
    assert_eq!(seen.unanswered, 0, "a request got no answer");
    load.finish(&class, |seen| {
        format!("{} requests were sent again after 503", seen.answers[&503])
    })
}
