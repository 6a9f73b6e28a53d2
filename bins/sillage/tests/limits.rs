//! How often one may ask, as the settings say.

use crate::support::class::Class;
use crate::support::raw::Request;
use crate::support::{Engine, Server, engines};

fn who_asks_more_often_than_the_settings_let_is_told_when_to_come_again(engine: Engine) {
    let settings = [
        ("SILLAGE__RATES__ACCOUNT", "1"),
        ("SILLAGE__RATES__ACCOUNT_BURST", "40"),
    ];
    let server = Server::with_settings(engine, &settings);
    let class = Class::new(server.address(), "tsadk", 2);
    let (one, other) = (class.token(0), class.token(1));
    let ask = |token: &str| {
        Request::new("GET", "/v1/me")
            .bearer(token)
            .send(server.address())
    };
    let answers: Vec<_> = (0..60).map(|_| ask(&one)).collect();
    let refused = answers.iter().filter(|answer| answer.status == 429).count();
    assert!(
        (1..=20).contains(&refused),
        "{refused} of 60, with 40 at once"
    );
    let last = answers.last().unwrap();
    assert_eq!(last.errors()[0].0, 4291, "{}", last.text());
    let seconds: u64 = last.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=60).contains(&seconds), "{seconds}");
    assert_eq!(
        ask(&other).status,
        200,
        "another account has a limit of its own"
    );
}

engines! {
    who_asks_more_often_than_the_settings_let_is_told_when_to_come_again
}
