//! The whole API of Sillage under a path of another actix-web application, beside routes of its own.
//!
//! `cargo run -p embed-in-actix` starts it on a free port, plays one game against it, checks the answers, and stops.

use actix_web::{App, HttpResponse, HttpServer, web};
use serde_json::{Value, json};
use sillage_auth::{Cost, Passwords, Secret, SigningKey, SigningKeys};
use sillage_domain::{
    NewAccount, NewStudy, Ports, StudyChange, StudySalt, StudyStatus, SubjectId, Timestamp,
    Validation,
};
use sillage_http::{Api, HttpSettings, Keys, configure};
use sillage_pseudonym::{RootKey, random_bytes};
use sillage_store::{Store, StoreOptions, VaultKeyFile};
use std::error::Error;
use std::net::TcpListener;
use std::sync::Arc;

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// Where the API is mounted.
const MOUNT: &str = "/games/sillage";
const PASSWORD: &str = "correct horse";

/// The application's own route, which knows nothing of Sillage.
async fn lobby() -> HttpResponse {
    HttpResponse::Ok().body("Which game would you like to play?")
}

#[actix_web::main]
async fn main() -> Outcome<()> {
    let folder = tempfile::tempdir()?;
    let url = format!("sqlite://{}", folder.path().join("sillage.db").display());
    let ports = Ports::of(Arc::new(Store::open(&StoreOptions::new(url))?));
    prepare(&ports)?;

    let listener = TcpListener::bind("127.0.0.1:0")?;
    let origin = format!("http://{}", listener.local_addr()?);
    let vault = VaultKeyFile::new(folder.path().join("vault.key"));
    let api = api(ports, vault, &origin)?;
    let server = HttpServer::new(move || {
        App::new()
            .route("/", web::get().to(lobby))
            .service(web::scope(MOUNT).configure(configure(api.clone())))
    })
    .workers(1)
    .listen(listener)?
    .run();

    let handle = server.handle();
    let running = actix_web::rt::spawn(server);
    let played = web::block(move || play(&origin)).await?;
    handle.stop(true).await;
    running.await??;
    played
}

/// The API over the store. The keys of a real server outlive it: the root key in a file or a vault, the signing keys sealed in
/// the store.
fn api(ports: Ports, vault: VaultKeyFile, origin: &str) -> Outcome<Api> {
    let keys = Keys {
        root: RootKey::generate()?,
        signing: SigningKeys::new(&[SigningKey::generate()?])?,
        vault: Arc::new(vault),
    };
    let settings = HttpSettings {
        public_url: origin.to_owned(),
        ..HttpSettings::default()
    };
    Ok(Api::new(ports, keys, settings)?)
}

/// A study that is open, and somebody to play in it.
fn prepare(ports: &Ports) -> Outcome<()> {
    let now = Timestamp::now();
    let study = NewStudy {
        slug: "castle".parse()?,
        title: "The castle".into(),
        description: String::new(),
        game_url: None,
        validation: Validation::Quarantine,
        salt: StudySalt::new(random_bytes()?),
    };
    let study = ports.studies.create_study(&study, None, now)?;
    let open = StudyChange {
        status: Some(StudyStatus::Open),
        ..StudyChange::default()
    };
    ports.studies.change_study(study.id, &open, None, now)?;
    let player = NewAccount {
        subject: SubjectId::new(random_bytes()?),
        username: "player-01".parse()?,
        password_hash: Passwords::new(Cost::default())?.hash(&Secret::new(PASSWORD))?,
    };
    ports.accounts.enrol(study.id, &[player], now)?;
    Ok(())
}

/// What a browser and a game do, over HTTP.
fn play(origin: &str) -> Outcome<()> {
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .user_agent("example/1")
        .proxy(None)
        .build()
        .into();

    let lobby = agent.get(origin).call()?.body_mut().read_to_string()?;
    println!("GET / -> {lobby}");
    assert!(lobby.starts_with("Which game"));

    let form = [
        ("grant_type", "password"),
        ("client_id", "sillage"),
        ("username", "player-01"),
        ("password", PASSWORD),
    ];
    let granted: Value = agent
        .post(format!("{origin}{MOUNT}/oauth2/access_token"))
        .send_form(form)?
        .body_mut()
        .read_json()?;
    let token = granted["access_token"]
        .as_str()
        .ok_or("no token was granted")?;

    let entry = json!({
        "id": "0190c1d2-7e1c-7cc0-b9c0-6f1f6c0a9d10", "session": "s-81", "sequence": 9,
        "timestamp": "2024-05-18T10:17:33.109Z", "action": "regionDeposer", "payload": { "roomName": "salleForet" },
    });
    let mut answer = agent
        .post(format!("{origin}{MOUNT}/v1/logs"))
        .header("Authorization", format!("Bearer {token}"))
        .send_json(&entry)?;
    let stored: Value = answer.body_mut().read_json()?;
    println!("POST {MOUNT}/v1/logs -> {} {stored}", answer.status());
    assert_eq!(answer.status(), 201);
    assert_eq!(stored["id"], entry["id"]);
    assert_eq!(stored["uri"], format!("{origin}{MOUNT}/v1/logs/1"));
    Ok(())
}
