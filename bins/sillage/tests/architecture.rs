//! The arrows between the crates, as `cargo metadata` sees them. `docs/ARCHITECTURE.md` says why they point this way.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

/// Which workspace crates each library may depend on.
const MAY_DEPEND_ON: [(&str, &[&str]); 9] = [
    ("sillage-client", &[]),
    ("sillage-pseudonym", &[]),
    ("sillage-domain", &["sillage-pseudonym"]),
    ("sillage-auth", &["sillage-domain", "sillage-pseudonym"]),
    ("sillage-store", &["sillage-domain"]),
    ("sillage-export", &["sillage-domain"]),
    (
        "sillage-http",
        &[
            "sillage-auth",
            "sillage-domain",
            "sillage-export",
            "sillage-pseudonym",
        ],
    ),
    (
        "sillage-cli",
        &[
            "sillage-auth",
            "sillage-client",
            "sillage-domain",
            "sillage-export",
            "sillage-pseudonym",
        ],
    ),
    ("sillage-load", &["sillage-client", "sillage-domain"]),
];

/// What must be nowhere below a crate, however far down.
const MUST_NOT_REACH: [(&str, &[&str]); 9] = [
    // What a game would have to build, and ship.
    (
        "sillage-client",
        &[
            "tokio",
            "actix-web",
            "diesel",
            "clap",
            "regex",
            "jiff",
            "uuid",
            "openssl-sys",
        ],
    ),
    (
        "sillage-pseudonym",
        &["tokio", "actix-web", "diesel", "ureq"],
    ),
    (
        "sillage-domain",
        &["tokio", "actix-web", "diesel", "ureq", "tracing"],
    ),
    (
        "sillage-auth",
        &["tokio", "actix-web", "diesel", "ureq", "openssl-sys"],
    ),
    ("sillage-export", &["tokio", "actix-web", "diesel", "ureq"]),
    (
        "sillage-store",
        &[
            "actix-web",
            "actix-http",
            "ureq",
            "jsonwebtoken",
            "bcrypt",
            "clap",
            "mysqlclient-sys",
        ],
    ),
    (
        "sillage-http",
        &[
            "diesel",
            "diesel-async",
            "diesel_migrations",
            "libsqlite3-sys",
            "mysql_async",
            "clap",
        ],
    ),
    (
        "sillage-cli",
        &[
            "diesel",
            "diesel-async",
            "libsqlite3-sys",
            "mysql_async",
            "actix-web",
            "actix-http",
        ],
    ),
    (
        "sillage-load",
        &[
            "diesel",
            "diesel-async",
            "libsqlite3-sys",
            "mysql_async",
            "sillage-http",
            "sillage-store",
        ],
    ),
];

/// The packages that the project is built upon: each a direct dependency of some crate.
const FOUNDATIONS: [&str; 10] = [
    "actix-web",
    "diesel",
    "diesel_migrations",
    "serde",
    "validator",
    "jsonwebtoken",
    "bcrypt",
    "thiserror",
    "config",
    "csv",
];

/// The dependency graph of the workspace, without what only tests and build scripts need.
struct Graph {
    /// Package id to name.
    names: BTreeMap<String, String>,
    /// Package id to the ids of its normal dependencies.
    arrows: BTreeMap<String, BTreeSet<String>>,
    /// Names of the workspace's own packages.
    members: BTreeSet<String>,
}

impl Graph {
    /// Asks cargo, with the lock file as it is and without the network.
    fn read() -> Self {
        let output = Command::new(env!("CARGO"))
            .args([
                "metadata",
                "--format-version",
                "1",
                "--locked",
                "--offline",
                "--manifest-path",
            ])
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"))
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
        let names: BTreeMap<String, String> = list(&metadata["packages"])
            .iter()
            .map(|package| (text(&package["id"]), text(&package["name"])))
            .collect();
        let arrows = list(&metadata["resolve"]["nodes"])
            .iter()
            .map(|node| {
                let below = list(&node["deps"])
                    .iter()
                    .filter(|arrow| {
                        list(&arrow["dep_kinds"])
                            .iter()
                            .any(|kind| kind["kind"].is_null())
                    })
                    .map(|arrow| text(&arrow["pkg"]));
                (text(&node["id"]), below.collect())
            })
            .collect();
        let members = list(&metadata["workspace_members"])
            .iter()
            .map(|id| names[id.as_str().unwrap()].clone())
            .collect();
        Self {
            names,
            arrows,
            members,
        }
    }

    fn id(&self, name: &str) -> &str {
        let (id, _) = self.names.iter().find(|(_, known)| *known == name).unwrap();
        id
    }

    /// Names of what a package depends on directly.
    fn below(&self, name: &str) -> BTreeSet<&str> {
        self.arrows[self.id(name)]
            .iter()
            .map(|id| self.names[id].as_str())
            .collect()
    }

    /// Names of what a package depends on, at any depth.
    fn far_below(&self, name: &str) -> BTreeSet<&str> {
        let mut seen = BTreeSet::new();
        let mut open = vec![self.id(name)];
        while let Some(id) = open.pop() {
            for below in &self.arrows[id] {
                if seen.insert(below.as_str()) {
                    open.push(below);
                }
            }
        }
        seen.iter().map(|id| self.names[*id].as_str()).collect()
    }
}

fn list(value: &Value) -> &Vec<Value> {
    value.as_array().unwrap()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

#[test]
fn arrows_between_crates_point_down_only() {
    let graph = Graph::read();
    for (name, allowed) in MAY_DEPEND_ON {
        let below = graph.below(name);
        let ours: Vec<_> = below
            .iter()
            .filter(|below| graph.members.contains(**below))
            .collect();
        for found in ours {
            assert!(allowed.contains(found), "{name} must not depend on {found}");
        }
    }
}

#[test]
fn every_library_of_the_workspace_has_its_rules() {
    let graph = Graph::read();
    let ruled: BTreeSet<_> = MAY_DEPEND_ON
        .iter()
        .map(|(name, _)| (*name).to_owned())
        .collect();
    let with_limits: BTreeSet<_> = MUST_NOT_REACH
        .iter()
        .map(|(name, _)| (*name).to_owned())
        .collect();
    let libraries: BTreeSet<_> = graph
        .members
        .iter()
        .filter(|name| name.starts_with("sillage-") && *name != "sillage-benches")
        .cloned()
        .collect();
    assert_eq!(ruled, libraries);
    assert_eq!(with_limits, libraries);
}

#[test]
fn no_layer_reaches_what_another_layer_is_for() {
    let graph = Graph::read();
    for (name, forbidden) in MUST_NOT_REACH {
        let below = graph.far_below(name);
        for found in forbidden {
            assert!(
                !below.contains(found),
                "{name} must not reach {found}; ask `cargo tree -p {name} -e normal -i {found}`"
            );
        }
    }
}

#[test]
fn the_binary_reaches_all_that_the_layers_keep_apart() {
    let graph = Graph::read();
    let below = graph.far_below("sillage");
    for name in [
        "diesel",
        "actix-web",
        "clap",
        "jsonwebtoken",
        "bcrypt",
        "libsqlite3-sys",
        "mysql_async",
    ] {
        assert!(
            below.contains(name),
            "the graph was read wrongly: the binary does reach {name}"
        );
    }
}

#[test]
fn each_foundation_is_a_direct_dependency_of_some_crate() {
    let graph = Graph::read();
    let direct: BTreeSet<_> = graph
        .members
        .iter()
        .filter(|name| {
            *name == "sillage" || (name.starts_with("sillage-") && *name != "sillage-benches")
        })
        .flat_map(|name| graph.below(name))
        .collect();
    for name in FOUNDATIONS {
        assert!(direct.contains(name), "no crate depends on {name} directly");
    }
}
