//! Who participants are: kept where a study asks for it, seen by those who run it and by themselves.

use crate::support::{PASSWORD, Request, World, entry, get, new_study, over, post, settings};
use actix_web::http::Method;
use rstest::rstest;
use serde_json::{Value, json};
use sillage_domain::testing::MemoryKeyPlace;
use sillage_domain::{StudyStatus, Timestamp};
use sillage_http::{Api, Keys};
use std::sync::Arc;

const STUDY: &str = "/v1/studies/tsadk";
const ADA: &str = "/v1/studies/tsadk/participants/ada/identity";
const OWN: &str = "/v1/me/identity";

/// With a study that keeps the name, the first name and both addresses.
async fn keeping() -> World {
    let world = World::new();
    world.say_everything();
    let kept = json!({"identity": ["name", "first_name", "email", "guardian_email"]});
    let client = world.client().await;
    client.patch(STUDY, &world.token("mia"), kept).await.ok(200);
    world
}

fn ada() -> Value {
    json!({"name": "Lovelace", "first_name": "Ada", "email": "Ada@Example.org"})
}

async fn put(world: &World, identity: Value) -> Value {
    let client = world.client().await;
    let put = client.patch(ADA, &world.token("mia"), identity).await;
    put.ok(200).json()
}

#[actix_web::test]
async fn an_identity_is_written_down_read_corrected_and_erased() {
    let world = keeping().await;
    let client = world.client().await;
    let mia = world.token("mia");
    let nothing = client.get(ADA, &mia).await.ok(200);
    assert_eq!(nothing.header("cache-control"), Some("no-store"));
    let nothing = nothing.json();
    assert_eq!(
        nothing["keeps"],
        json!(["name", "first_name", "email", "guardian_email"])
    );
    assert_eq!(nothing["name"], Value::Null);
    put(&world, ada()).await;
    let known = put(
        &world,
        json!({"first_name": "", "guardian_email": "byron@example.org"}),
    )
    .await;
    let expected = json!({
        "keeps": ["name", "first_name", "email", "guardian_email"], "name": "Lovelace", "first_name": null,
        "email": "Ada@Example.org", "guardian_name": null, "guardian_email": "byron@example.org",
    });
    assert_eq!(known, expected);
    assert_eq!(client.get(ADA, &mia).await.ok(200).json(), expected);
    // PUT does the same as PATCH.
    let named = Request::new(Method::PUT, ADA)
        .json(&json!({"first_name": "Augusta"}))
        .token(&mia);
    let named = client.send(named).await.ok(200).json();
    assert_eq!(named["first_name"], "Augusta");
    let erase = || Request::new(Method::DELETE, ADA).token(&mia);
    client.send(erase()).await.ok(204);
    assert_eq!(client.get(ADA, &mia).await.ok(200).json(), nothing);
    client.send(erase()).await.ok(204);
}

#[actix_web::test]
async fn what_the_study_does_not_keep_is_refused_with_every_field() {
    let world = keeping().await;
    let client = world.client().await;
    let mia = world.token("mia");
    let more = json!({"name": "Lovelace", "guardian_name": "Lady Byron"});
    let refused = client.patch(ADA, &mia, more).await;
    assert_eq!(refused.told(), (409, 409));
    assert_eq!(refused.json()["errors"][0]["pointer"], "/guardian_name");
    assert_eq!(client.get(ADA, &mia).await.json()["name"], Value::Null);
    let less = json!({"identity": ["first_name"]});
    put(&world, ada()).await;
    client.patch(STUDY, &mia, less).await.ok(200);
    let left = client.get(ADA, &mia).await.ok(200).json();
    assert_eq!(
        (&left["name"], &left["first_name"], &left["email"]),
        (&Value::Null, &json!("Ada"), &Value::Null)
    );
}

#[rstest]
#[case(json!({"email": "no address"}), "/email")]
#[case(json!({"name": "two\nlines"}), "/name")]
#[case(json!({"pseudonym": "P-0000-0000-0000-0"}), "/pseudonym")]
#[case(json!({"first_name": 7}), "/first_name")]
#[actix_web::test]
async fn what_is_no_identity_is_refused(#[case] body: Value, #[case] pointer: &str) {
    let world = keeping().await;
    let client = world.client().await;
    let refused = client.patch(ADA, &world.token("mia"), body).await;
    assert_eq!(refused.status, 422);
    assert_eq!(refused.json()["errors"][0]["pointer"], pointer);
}

#[actix_web::test]
async fn who_has_seen_an_older_identity_changes_nothing() {
    let world = keeping().await;
    let client = world.client().await;
    let mia = world.token("mia");
    put(&world, ada()).await;
    let seen = client.get(ADA, &mia).await.ok(200);
    let tag = seen.header("etag").unwrap().to_owned();
    put(&world, json!({"name": "King"})).await;
    let change = Request::new(Method::PATCH, ADA)
        .json(&json!({"name": "Byron"}))
        .token(&mia)
        .header("If-Match", tag.clone());
    assert_eq!(client.send(change).await.status, 412);
    let erase = Request::new(Method::DELETE, ADA)
        .token(&mia)
        .header("If-Match", tag);
    assert_eq!(client.send(erase).await.status, 412);
    assert_eq!(client.get(ADA, &mia).await.json()["name"], "King");
}

#[actix_web::test]
async fn somebody_is_found_by_an_address_and_never_with_a_pseudonym() {
    let world = keeping().await;
    let client = world.client().await;
    let mia = world.token("mia");
    put(&world, ada()).await;
    let bob = "/v1/studies/tsadk/participants/bob/identity";
    let guarded = json!({"guardian_email": "ada@example.org"});
    client.patch(bob, &mia, guarded).await.ok(200);
    let path = |query: &str| format!("{STUDY}/participants?email={query}");
    let found = client.get(&path("ada%40example.ORG"), &mia).await.ok(200);
    assert_eq!(found.header("x-total-count"), Some("2"));
    assert!(!found.text().contains("P-"));
    let found = found.json();
    let names: Vec<_> = found
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["username"])
        .collect();
    assert_eq!(names, ["ada", "bob"]);
    let second = client
        .get(&path("ada@example.org&page=2&page_size=1"), &mia)
        .await;
    assert_eq!(second.ok(200).json()[0]["username"], "bob");
    let nobody = client.get(&path("eve@example.org"), &mia).await;
    assert_eq!(nobody.ok(200).json(), json!([]));
    let identity = client.get(ADA, &mia).await.ok(200);
    assert!(
        !identity
            .text()
            .contains(&world.pseudonym("ada").to_string())
    );
}

#[actix_web::test]
async fn a_player_sees_who_he_is_and_corrects_it() {
    let world = keeping().await;
    let client = world.client().await;
    let token = world.whole_token("ada");
    put(&world, ada()).await;
    let own = client.get(OWN, &token).await.ok(200);
    assert_eq!(own.header("cache-control"), Some("no-store"));
    assert_eq!(own.json()["name"], "Lovelace");
    let corrected = json!({"name": "King"});
    client.patch(OWN, &token, corrected).await.ok(200);
    let me = client.get("/v1/me", &token).await.ok(200);
    assert_eq!(me.header("cache-control"), Some("no-store"));
    assert_eq!(me.json()["identity"]["name"], "King");
    let export = client.get("/v1/me/export", &token).await.ok(200);
    assert_eq!(export.json()["identity"]["email"], "Ada@Example.org");
    assert!(!export.text().contains(&world.pseudonym("ada").to_string()));
    let refused = json!({"guardian_name": "Lady Byron"});
    assert_eq!(client.patch(OWN, &token, refused).await.told(), (409, 409));
    let bob = client
        .get(OWN, &world.whole_token("bob"))
        .await
        .ok(200)
        .json();
    assert_eq!(bob["name"], Value::Null, "each sees his own");
}

#[actix_web::test]
async fn a_game_s_token_does_not_tell_who_its_player_is() {
    let world = keeping().await;
    let client = world.client().await;
    put(&world, ada()).await;
    let log_in = |scope: Option<&str>| {
        let mut body = json!({"grant_type": "password", "client_id": "sillage", "username": "ada", "password": PASSWORD});
        if let Some(scope) = scope {
            body["scope"] = json!(scope);
        }
        post("/oauth2/access_token").json(&body)
    };
    let of_a_game = client.send(log_in(None)).await.ok(200).json();
    assert_eq!(of_a_game["scope"], "participant");
    let tsadk = get("/v1/utils/token").basic("ada", PASSWORD);
    let tsadk = client.send(tsadk).await.ok(200).json();
    for token in [&of_a_game["access_token"], &tsadk["token"]] {
        let token = token.as_str().unwrap();
        let refused = client.get(OWN, token).await;
        assert_eq!(refused.told(), (403, 403));
        assert!(refused.text().contains("scope"), "{}", refused.text());
        let change = json!({"name": "X"});
        assert_eq!(client.patch(OWN, token, change).await.status, 403);
        let me = client.get("/v1/me", token).await.ok(200).json();
        assert_eq!(me.get("identity"), None);
        let export = client.get("/v1/me/export", token).await.ok(200);
        assert!(!export.text().contains("Lovelace"));
        assert_eq!(export.json()["left_out"], json!(["identity"]));
        let about = client.get("/v1/me/export?format=csv&table=about", token);
        assert!(about.await.ok(200).text().contains("left_out"));
    }
    // Whoever asks for it gets it, and so does whoever shows the password.
    let asked = client.send(log_in(Some("participant identity"))).await;
    let asked = asked.ok(200).json();
    assert_eq!(asked["scope"], "participant identity");
    let whole = asked["access_token"].as_str().unwrap();
    let own = client.get(OWN, whole).await.ok(200).json();
    assert_eq!(own["name"], "Lovelace");
    let export = client.get("/v1/me/export", whole).await.ok(200).json();
    assert_eq!(export.get("left_out"), None);
    let shown = client.send(get(OWN).basic("ada", PASSWORD)).await;
    assert_eq!(shown.ok(200).json()["name"], "Lovelace");
}

#[rstest]
#[case("ann")]
#[case("dev")]
#[case("mon")]
#[case("ada")]
#[actix_web::test]
async fn who_does_not_run_the_study_sees_nobody(#[case] who: &str) {
    let world = keeping().await;
    let client = world.client().await;
    let token = world.token(who);
    put(&world, ada()).await;
    let change = Request::new(Method::PATCH, ADA).json(&json!({"name": "X"}));
    let erase = Request::new(Method::DELETE, ADA);
    let find = get("/v1/studies/tsadk/participants?email=ada@example.org");
    for request in [get(ADA), change, erase, find] {
        let refused = client.send(request.token(&token)).await;
        assert_eq!(refused.status, 403, "{}", refused.text());
    }
    // A study is told of which fields it keeps, and no more.
    assert!(
        !client
            .get(STUDY, &token)
            .await
            .ok(200)
            .text()
            .contains("Lovelace")
    );
}

#[actix_web::test]
async fn an_anonymous_study_keeps_nobody_and_stays_so() {
    let world = World::new();
    new_study(&world.ports, "hidden", StudyStatus::Draft);
    let client = world.client().await;
    let admin = world.token("admin");
    let path = "/v1/studies/hidden";
    let both = json!({"anonymous": true, "identity": ["name"]});
    assert_eq!(client.patch(path, &admin, both).await.told(), (409, 409));
    let anonymous = json!({"anonymous": true, "status": "open"});
    client.patch(path, &admin, anonymous).await.ok(200);
    let keep = json!({"identity": ["name"]});
    let refused = client.patch(path, &admin, keep).await;
    assert_eq!(refused.told(), (409, 409));
    assert_eq!(refused.json()["errors"][0]["pointer"], "/identity");
    let known = json!({"anonymous": false});
    let refused = client.patch(path, &admin, known).await;
    assert_eq!(refused.json()["errors"][0]["pointer"], "/anonymous");
    let one = json!({"username": "eve"});
    let people = "/v1/studies/hidden/participants";
    client.post(people, &admin, one).await.ok(201);
    let named = json!({"name": "Eve"});
    let identity = format!("{people}/eve/identity");
    assert_eq!(
        client.patch(&identity, &admin, named).await.told(),
        (409, 409)
    );
    let study = client.get(path, &world.token("admin")).await.ok(200).json();
    assert_eq!(
        (&study["anonymous"], &study["identity"]),
        (&json!(true), &json!([]))
    );
}

#[actix_web::test]
async fn a_draft_with_participants_or_entries_does_not_change_whether_it_is_anonymous() {
    let world = World::new();
    let client = world.client().await;
    let admin = world.token("admin");
    let begun = |slug: &str| format!("/v1/studies/{slug}");
    for (slug, said) in [("hidden", true), ("shown", false)] {
        new_study(&world.ports, slug, StudyStatus::Draft);
        let path = begun(slug);
        let both_ways = [json!({"anonymous": !said}), json!({"anonymous": said})];
        for change in both_ways {
            client.patch(&path, &admin, change).await.ok(200);
        }
        let one = json!({"username": format!("{slug}-1")});
        let people = format!("{path}/participants");
        client.post(&people, &admin, one).await.ok(201);
        let change = json!({"anonymous": !said});
        let refused = client.patch(&path, &admin, change).await;
        assert_eq!(refused.told(), (409, 409));
        assert_eq!(refused.json()["errors"][0]["pointer"], "/anonymous");
        // What it is may be said again.
        let same = json!({"anonymous": said, "title": "T"});
        client.patch(&path, &admin, same).await.ok(200);
    }
    // Set back to draft, and without anybody left: what was sent under the old word is there.
    let sent = client.post("/v1/logs", &world.token("ada"), entry(1)).await;
    sent.ok(201);
    let draft = json!({"status": "draft"});
    client.patch(STUDY, &admin, draft).await.ok(200);
    let change = json!({"anonymous": true});
    assert_eq!(client.patch(STUDY, &admin, change).await.told(), (409, 409));
}

#[actix_web::test]
async fn a_study_that_keeps_identities_has_to_say_what_one_that_collects_them_has() {
    let world = World::new();
    let client = world.client().await;
    let kept = json!({"identity": ["email"]});
    let refused = client.patch(STUDY, &world.token("mia"), kept).await;
    assert_eq!(refused.told(), (409, 4093));
}

#[actix_web::test]
async fn without_the_key_of_the_vault_everything_else_goes_on() {
    let world = keeping().await;
    put(&world, ada()).await;
    let mia = world.token("mia");
    let shut = {
        let keys = Keys {
            vault: Arc::new(MemoryKeyPlace::default()),
            ..crate::support::keys()
        };
        let clock: fn() -> Timestamp = crate::support::now;
        let api = Api::new(world.ports.clone(), keys, settings()).unwrap();
        World {
            api: api.with_clock(clock),
            ..over(&world, settings())
        }
    };
    let client = shut.client().await;
    let refused = client.get(ADA, &mia).await;
    assert_eq!(refused.told(), (503, 5033));
    let changed = json!({"name": "King"});
    assert_eq!(client.patch(ADA, &mia, changed).await.told(), (503, 5033));
    let token = world.whole_token("ada");
    let me = client.get("/v1/me", &token).await.ok(200).json();
    assert_eq!(me.get("identity"), None);
    // What is taken away is whole, or is not.
    let export = client.get("/v1/me/export", &token).await;
    assert_eq!(export.told(), (503, 5033));
    let erase = Request::new(Method::DELETE, ADA).token(&mia);
    client.send(erase).await.ok(204);
    let known = world.client().await.get(ADA, &mia).await.ok(200).json();
    assert_eq!(known["name"], Value::Null);
}

#[actix_web::test]
async fn whoever_is_taken_out_leaves_no_identity() {
    let world = keeping().await;
    let client = world.client().await;
    let mia = world.token("mia");
    put(&world, ada()).await;
    let id = world.account("ada").id;
    assert!(world.ports.vault.identity(id).unwrap().is_some());
    let gone = Request::new(
        Method::DELETE,
        "/v1/studies/tsadk/participants/ada?mode=anonymise",
    );
    client.send(gone.token(&mia)).await.ok(204);
    assert!(world.ports.vault.identity(id).unwrap().is_none());
    let found = format!("{STUDY}/participants?email=ada@example.org");
    assert_eq!(client.get(&found, &mia).await.ok(200).json(), json!([]));
}
