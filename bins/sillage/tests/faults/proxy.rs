//! A bad network between the players and the server.

use crate::bad_network::BadNetwork;
use crate::load::Load;
use crate::stage::{Ended, Stage};
use crate::support::Server;
use crate::support::class::{ADMIN_PASSWORD, Class};

pub(crate) fn play(stage: &Stage) -> Ended {
    let server = Server::with_admin_password(stage.engine, ADMIN_PASSWORD);
    let class = Class::new(server.address(), "network", 8);
    let network = BadNetwork::start(server.address(), 1);
    let mut load = Load::start(&class);
    load.move_to(network.address);
    load.go_on_for(stage.seconds(60, 6));
    load.wait_for_more(40);
    // The last copies arrive before everything is read back.
    load.stop_playing();
    let happened = network.happened.clone();
    drop(network);
    load.finish(&class, |_| happened.told())
}
