//! What stands before the server writes no secret into its log, with the configurations that the project shows.

use crate::support::class::ADMIN_PASSWORD;
use crate::support::proxies::{Kind, Proxy};
use crate::support::{Engine, Server};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

const PSEUDONYM: &str = "P-7QX4-M2K9-T0BC-5";
const USERNAME: &str = "a-username-of-somebody";
const WRONG: &str = "wrong-but-nearly-right";

/// What came of a request of each kind that has a secret somewhere.
fn requests_with_secrets(proxy: &Proxy, token: &str, status: impl Fn(u16) -> bool) {
    let bearer = format!("Authorization: Bearer {token}");
    let form =
        format!("grant_type=password&client_id=sillage&username={USERNAME}&password={WRONG}");
    let basic = format!("{USERNAME}:{WRONG}");
    let query = format!("/v1/logs?participant={PSEUDONYM}&access_token={token}");
    let referrer = format!("https://api.example.org{query}");
    let requests: [(&[&str], &str); 5] = [
        (&["--user", &basic], "/v1/utils/token"),
        (&["--data", &form], "/oauth2/access_token"),
        (&["--header", &bearer], &query),
        (
            &["--header", &bearer, "--referer", &referrer],
            "/v1/studies",
        ),
        (&["--header", &bearer, "--cookie", &bearer], "/v1/nowhere"),
    ];
    for (words, path) in requests {
        let (answered, body) = proxy.send(words, path);
        assert!(status(answered), "{path}: {answered} {body}");
    }
}

fn the_log_of_a_proxy_has_no_secret(kind: Kind) {
    let mut server = Server::with_settings(
        Engine::Sqlite,
        &[("SILLAGE__AUTH__ADMIN_PASSWORD", ADMIN_PASSWORD)],
    );
    let Some(proxy) = Proxy::start(kind, server.address()) else {
        return;
    };
    let admin = format!("admin:{ADMIN_PASSWORD}");
    let (status, body) = proxy.send(&["--user", &admin], "/v1/utils/token");
    assert_eq!(status, 200, "{body}");
    let body: serde_json::Value = serde_json::from_str(&body).unwrap();
    let token = body["token"].as_str().unwrap().to_owned();
    requests_with_secrets(&proxy, &token, |status| status < 500);
    // What a proxy has to say when nobody answers it is another text, in another place.
    assert!(server.terminate().success());
    requests_with_secrets(&proxy, &token, |status| matches!(status, 502 | 503));
    let said = proxy.said();
    assert!(
        said.contains("/v1/utils/token") && said.contains("/v1/nowhere"),
        "{kind:?} tells of requests: {said}"
    );
    for secret in [
        ADMIN_PASSWORD,
        WRONG,
        USERNAME,
        PSEUDONYM,
        &token,
        token.rsplit('.').next().unwrap(),
        &BASE64_STANDARD.encode(admin),
        &BASE64_STANDARD.encode(format!("{USERNAME}:{WRONG}")),
        "access_token=",
    ] {
        assert!(!said.contains(secret), "{kind:?} tells {secret}: {said}");
    }
}

#[test]
fn the_log_of_nginx_has_no_secret() {
    the_log_of_a_proxy_has_no_secret(Kind::Nginx);
}

#[test]
fn the_log_of_haproxy_has_no_secret() {
    the_log_of_a_proxy_has_no_secret(Kind::Haproxy);
}

#[test]
fn the_log_of_caddy_has_no_secret() {
    the_log_of_a_proxy_has_no_secret(Kind::Caddy);
}

#[test]
fn haproxy_lets_nobody_ask_for_another_host() {
    let server = Server::with_settings(Engine::Sqlite, &[]);
    let Some(proxy) = Proxy::start(Kind::Haproxy, server.address()) else {
        return;
    };
    assert_eq!(proxy.send(&[], "/health/live").0, 200);
    let other = ["--header", "Host: www.example.org"];
    assert_eq!(proxy.send(&other, "/health/live").0, 421);
}
