//! Ended by a command, beside a running server.

use super::Ended;
use super::stage::{GameServer, LogIn, PASSWORD, basic, member, user};
use crate::support::class::Class;
use crate::support::raw::Request;
use crate::support::{Engine, Home, Server, engines};

fn what_a_command_ends_a_running_server_refuses_within_five_seconds(engine: Engine) {
    let server = Server::start(Home::new(engine));
    let class = Class::new(server.address(), "castle", 5);
    let end = |what: &'static str, good: Request, refused: u16, words: &str| {
        let words: Vec<_> = words.split(' ').collect();
        Ended::by(what, good, refused, &[&server], || {
            server.home().done(&words);
        })
    };
    let player = |n: usize| {
        let (username, password) = &class.players[n];
        LogIn::new(server.address(), username, password).me()
    };
    let named = |words: &str, n: usize| words.replace("NAME", &class.players[n].0);
    let researcher = |username: &str| {
        user(&class, username);
        LogIn::new(server.address(), username, PASSWORD).me()
    };
    let (pair, study) = (&class.players[3], "/v1/studies/castle");
    let [renewed, gone] = [(); 2].map(|()| GameServer::register(&class));
    let ended = [
        end(
            "a participant deactivated",
            player(0),
            401,
            &named("participants deactivate NAME", 0),
        ),
        end(
            "a participant's password",
            player(1),
            401,
            &named("participants reset NAME", 1),
        ),
        end(
            "a participant deleted",
            player(2),
            401,
            &named("participants delete NAME --mode erase --yes", 2),
        ),
        end(
            "a pair with an old password",
            basic(&pair.0, &pair.1),
            401,
            &named("participants reset NAME", 3),
        ),
        end(
            "a user deactivated",
            researcher("rita"),
            401,
            "user deactivate rita",
        ),
        end(
            "a user's password",
            researcher("petra"),
            401,
            "user reset petra",
        ),
        end(
            "a user deleted",
            researcher("gina"),
            401,
            "user delete gina",
        ),
        end(
            "a member put out",
            member(&class, "ann", "analyst").asks("GET", study),
            404,
            "member remove castle ann",
        ),
        end(
            "a client with another secret",
            renewed.sees(&class),
            401,
            &format!("client reset-secret {}", renewed.id),
        ),
        end(
            "a client deleted",
            gone.sees(&class),
            401,
            &format!("client delete {}", gone.id),
        ),
    ];
    for one in &ended {
        one.is_refused_in_time_by(&server);
    }
}

engines! {
    what_a_command_ends_a_running_server_refuses_within_five_seconds
}
