//! The server behind a real nginx, which ends TLS, with the configuration that the documentation shows.

use crate::support::class::ADMIN_PASSWORD;
use crate::support::nginx::{self, Answer, Nginx};
use crate::support::{Engine, Server, engines};
use serde_json::{Value, json};
use std::fs;

const BASE: &str = "/tsadk/api";

/// A server, what stands before it, and an admin's token.
struct Outside {
    nginx: Nginx,
    server: Server,
    origin: String,
    token: String,
}

impl Outside {
    /// `None` where there is no nginx.
    fn new(engine: Engine) -> Option<Self> {
        let program = nginx::program()?;
        let port = nginx::free_port();
        let origin = Nginx::origin(port);
        let server = Server::with_settings(
            engine,
            &[
                ("SILLAGE__AUTH__ADMIN_PASSWORD", ADMIN_PASSWORD),
                ("SILLAGE__SERVER__BASE_PATH", BASE),
                ("SILLAGE__SERVER__PUBLIC_URL", &origin),
                ("SILLAGE__LOG__LEVEL", "debug"),
            ],
        );
        let nginx = Nginx::start(&program, port, server.address());
        let token = log_in(&nginx, "admin", ADMIN_PASSWORD);
        Some(Self {
            nginx,
            server,
            origin,
            token,
        })
    }

    fn send(&self, words: &[&str], path: &str) -> Answer {
        self.as_somebody(&self.token, words, path)
    }

    fn as_somebody(&self, token: &str, words: &[&str], path: &str) -> Answer {
        let authorization = format!("Authorization: Bearer {token}");
        let mut all = vec!["--header", &authorization];
        all.extend(words);
        self.nginx.send(&all, path)
    }

    fn json(&self, method: &str, path: &str, body: &Value) -> Answer {
        let body = body.to_string();
        let words = [
            "--request",
            method,
            "--header",
            "Content-Type: application/json",
            "--data-binary",
            &body,
        ];
        self.send(&words, path)
    }

    /// An open study, and the token of a player.
    fn study(&self, slug: &str) -> (Answer, String) {
        let made = self.json(
            "POST",
            "/tsadk/api/v1/studies",
            &json!({"slug": slug, "title": slug}),
        );
        assert_eq!(made.status, 201, "{}", made.text());
        let location = made.header("Location").unwrap();
        assert_eq!(location, format!("{}{BASE}/v1/studies/{slug}", self.origin));
        let opened = self.json("PATCH", location, &json!({"status": "open"}));
        assert_eq!(opened.status, 200, "{}", opened.text());
        let order = json!({"username": format!("{slug}-player"), "password": "a long password"});
        let account = self.json("POST", &format!("{location}/participants"), &order);
        assert_eq!(account.status, 201, "{}", account.text());
        let token = log_in(&self.nginx, &format!("{slug}-player"), "a long password");
        (made, token)
    }
}

fn log_in(nginx: &Nginx, username: &str, password: &str) -> String {
    let form = format!(
        "grant_type=password&client_id=sillage&username={username}&password={}",
        password.replace(' ', "+")
    );
    let answer = nginx.send(&["--data", &form], "/tsadk/api/oauth2/access_token");
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.header("Cache-Control"), Some("no-store"));
    answer.json()["access_token"].as_str().unwrap().to_owned()
}

fn entries(from: u32, count: u32, filler: usize) -> Value {
    let entry = |n: u32| {
        json!({
            "id": format!("0190c1d2-7e1c-7cc0-b9c0-{n:012x}"), "timestamp": "2024-05-18T10:17:33Z", "action": "a",
            "session": "s 1/é&", "payload": {"filler": "x".repeat(filler)}
        })
    };
    (from..from + count).map(entry).collect()
}

engines! {
    links_lead_where_clients_can_go
    conditions_errors_and_names_go_through
    a_client_of_oauth_finds_its_way_from_the_issuer
    large_bodies_go_through_and_larger_ones_are_refused_by_the_server
    an_export_goes_through_whole
}

/// RFC 8414 section 3.1: the path of the issuer comes after the well-known one.
fn a_client_of_oauth_finds_its_way_from_the_issuer(engine: Engine) {
    let Some(outside) = Outside::new(engine) else {
        return;
    };
    let known = "/.well-known/oauth-authorization-server";
    let metadata = outside.nginx.send(&[], &format!("{known}{BASE}"));
    assert_eq!(metadata.status, 200, "{}", metadata.text());
    let metadata = metadata.json();
    let issuer = format!("{}{BASE}", outside.origin);
    assert_eq!(metadata["issuer"], issuer.as_str());
    let endpoint = |name: &str| {
        let url = metadata[name].as_str().unwrap();
        assert!(url.starts_with(&format!("{issuer}/oauth2/")), "{url}");
        url.to_owned()
    };
    let form = format!(
        "grant_type=password&client_id=sillage&username=admin&password={}",
        ADMIN_PASSWORD.replace(' ', "+")
    );
    let tokens = outside
        .nginx
        .send(&["--data", &form], &endpoint("token_endpoint"));
    assert_eq!(tokens.status, 200, "{}", tokens.text());
    let access = tokens.json()["access_token"].as_str().unwrap().to_owned();
    let asked = format!("token={access}");
    let is_active = || {
        let asked = ["--data", &asked];
        let answer = outside.send(&asked, &endpoint("introspection_endpoint"));
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()["active"].clone()
    };
    assert_eq!(is_active(), true);
    let form = format!("client_id=sillage&token={access}");
    let ended = outside
        .nginx
        .send(&["--data", &form], &endpoint("revocation_endpoint"));
    assert_eq!(ended.status, 200, "{}", ended.text());
    assert_eq!(is_active(), false);
    assert_eq!(outside.nginx.send(&[], known).status, 404, "another issuer");
}

fn links_lead_where_clients_can_go(engine: Engine) {
    let Some(outside) = Outside::new(engine) else {
        return;
    };
    let (made, player) = outside.study("links");
    assert_eq!(made.version, "2", "HTTP/2 ends at the proxy");
    assert_eq!(
        made.header("Strict-Transport-Security"),
        Some("max-age=63072000")
    );
    let body = entries(1, 25, 10).to_string();
    let words = [
        "--header",
        "Content-Type: application/json",
        "--data-binary",
        &body,
    ];
    let sent = outside.as_somebody(&player, &words, "/tsadk/api/v1/logs");
    assert_eq!(sent.json()["accepted"], 25, "{}", sent.text());
    let list = "/tsadk/api/v1/logs?session=s%201%2F%C3%A9%26&page_size=10&study=links";
    let (mut next, mut seen) = (list.to_owned(), 0);
    loop {
        let page = outside.send(&[], &next);
        assert_eq!(page.status, 200, "{next}: {}", page.text());
        assert_eq!(page.header("X-Total-Count"), Some("25"));
        seen += page.json().as_array().unwrap().len();
        let links = page.header("Link").unwrap();
        let found = links
            .split(", ")
            .find(|link| link.ends_with("rel=\"next\""));
        let Some(link) = found else { break };
        next = link
            .split_once('<')
            .unwrap()
            .1
            .split_once('>')
            .unwrap()
            .0
            .to_owned();
        assert!(
            next.starts_with(&format!("{}{BASE}/v1/logs?", outside.origin)),
            "{next}"
        );
        assert!(next.contains("session=s%201%2F%C3%A9%26"), "{next}");
    }
    assert_eq!(seen, 25);
    let one = outside.send(&[], "/tsadk/api/v1/logs?page_size=1");
    let uri = one.json()[0]["uri"].as_str().unwrap().to_owned();
    assert_eq!(outside.send(&[], &uri).status, 200, "{uri}");
    let description = outside.nginx.send(&[], "/openapi.json").json();
    assert_eq!(description["servers"][0]["url"], outside.origin);
    let page = outside.nginx.send(&["--location"], "/docs");
    assert_eq!(page.status, 200);
    assert!(page.text().contains("<html"), "{}", page.text());
    assert_eq!(outside.nginx.send(&[], "/health/ready").status, 200);
}

fn conditions_errors_and_names_go_through(engine: Engine) {
    let Some(outside) = Outside::new(engine) else {
        return;
    };
    let (made, _) = outside.study("conditions");
    let url = made.header("Location").unwrap();
    let read = outside.send(&[], url);
    let tag = read.header("ETag").unwrap();
    let condition = format!("If-None-Match: {tag}");
    let unchanged = outside.send(&["--header", &condition], url);
    assert_eq!((unchanged.status, unchanged.body.len()), (304, 0));
    let head = outside.send(&["--head"], url);
    assert_eq!(head.header("ETag"), Some(tag));
    assert_eq!(
        head.header("Content-Length"),
        Some(read.body.len().to_string().as_str())
    );
    let stale = [
        "--request",
        "PATCH",
        "--header",
        "If-Match: \"old\"",
        "--header",
        "Content-Type: application/json",
        "--data",
        "{\"title\":\"x\"}",
    ];
    assert_eq!(outside.send(&stale, url).status, 412);
    let missing = outside.send(
        &["--header", "Accept-Language: fr"],
        "/tsadk/api/v1/nowhere",
    );
    assert_eq!(
        (missing.status, &missing.json()["errors"][0]["code"]),
        (404, &json!(404))
    );
    assert!(missing.text().contains("chemin"), "{}", missing.text());
    let other = outside.send(&["--request", "PATCH"], "/tsadk/api/v1/logs");
    assert_eq!(other.status, 405);
    assert!(other.header("Allow").unwrap().contains("POST"));
    // The name that the proxy gives a request is the one in the server's log.
    let name = other.header("X-Request-Id").unwrap();
    assert_eq!(name.len(), 32, "{name}");
    assert!(outside.server.said().contains(name));
    // Two requests, one connection.
    let urls = [url, url];
    let kept = outside
        .nginx
        .curl()
        .args([
            "--http1.1",
            "--header",
            &format!("Authorization: Bearer {}", outside.token),
        ])
        .args([
            "--output",
            "/dev/null",
            "--output",
            "/dev/null",
            "--write-out",
            "%{http_code} %{num_connects};",
        ])
        .args(urls)
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&kept.stdout), "200 1;200 0;");
    let log = outside.nginx.log();
    assert!(
        log.contains("/v1/nowhere") && !log.contains(&outside.token),
        "{log}"
    );
}

fn large_bodies_go_through_and_larger_ones_are_refused_by_the_server(engine: Engine) {
    let Some(outside) = Outside::new(engine) else {
        return;
    };
    let (_, player) = outside.study("bodies");
    let file = outside.nginx.folder().join("body.json");
    let send = |bytes: &[u8], more: &[&str]| {
        fs::write(&file, bytes).unwrap();
        let from = format!("@{}", file.display());
        let mut words = vec![
            "--header",
            "Content-Type: application/json",
            "--data-binary",
            &from,
        ];
        words.extend(more);
        outside.as_somebody(&player, &words, "/tsadk/api/v1/logs")
    };
    let whole = entries(1, 16, 60_000).to_string();
    assert!(whole.len() > 900_000);
    let taken = send(whole.as_bytes(), &[]);
    assert_eq!(taken.json()["accepted"], 16, "{}", taken.text());
    let chunked = send(
        whole.as_bytes(),
        &["--header", "Transfer-Encoding: chunked", "--http1.1"],
    );
    assert_eq!(chunked.json()["duplicates"], 16, "{}", chunked.text());
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut gzip, whole.as_bytes()).unwrap();
    let compressed = send(
        &gzip.finish().unwrap(),
        &["--header", "Content-Encoding: gzip"],
    );
    assert_eq!(compressed.json()["duplicates"], 16, "{}", compressed.text());
    let refused = send(&vec![b' '; 3 << 20], &[]);
    assert_eq!(
        (refused.status, &refused.json()["errors"][0]["code"]),
        (413, &json!(4131))
    );
}

fn an_export_goes_through_whole(engine: Engine) {
    let Some(outside) = Outside::new(engine) else {
        return;
    };
    let (_, player) = outside.study("exports");
    for batch in 0..4 {
        let body = entries(batch * 1000, 1000, 500).to_string();
        let file = outside.nginx.folder().join("body.json");
        fs::write(&file, body).unwrap();
        let from = format!("@{}", file.display());
        let words = [
            "--header",
            "Content-Type: application/json",
            "--data-binary",
            &from,
        ];
        let sent = outside.as_somebody(&player, &words, "/tsadk/api/v1/logs");
        assert_eq!(sent.json()["accepted"], 1000, "{}", sent.text());
    }
    let path = "/tsadk/api/v1/studies/exports/export?format=ndjson";
    let plain = outside.send(&["--http1.1"], path);
    assert_eq!(plain.status, 200, "{}", plain.text());
    assert_eq!(
        plain.header("Transfer-Encoding"),
        Some("chunked"),
        "it is not held back"
    );
    assert_eq!(plain.text().lines().count(), 4000);
    let compressed = outside.send(&["--compressed"], path);
    assert_eq!(compressed.header("Content-Encoding"), Some("gzip"));
    assert_eq!(compressed.text(), plain.text());
}
