//! The settings in force, as a configuration file would have them.

use super::Settings;
use serde::Serialize;
use serde_json::Value;
use std::fmt::Write as _;

/// The settings as TOML; what is not set is a comment, what is secret `***`.
pub(crate) fn as_toml(settings: &Settings) -> Result<String, serde_json::Error> {
    let Settings {
        server,
        database,
        auth,
        keys,
        privacy,
        audit,
        limits,
        rates,
        cors,
        log,
        metrics,
        alerts,
    } = settings;
    let sections = [
        section("server", server)?,
        section("database", database)?,
        section("auth", auth)?,
        section("keys", keys)?,
        section("privacy", privacy)?,
        section("audit", audit)?,
        section("limits", limits)?,
        section("rates", rates)?,
        section("cors", cors)?,
        section("log", log)?,
        section("metrics", metrics)?,
        section("alerts", alerts)?,
    ];
    Ok(sections.join("\n").trim_end().to_owned())
}

fn section(name: &str, settings: &impl Serialize) -> Result<String, serde_json::Error> {
    let mut text = format!("[{name}]\n");
    if let Value::Object(members) = serde_json::to_value(settings)? {
        for (key, value) in members {
            // Writing to a String does not fail.
            let _ = match value {
                Value::Null => writeln!(text, "# {key} ="),
                // Texts and lists of texts look the same in JSON and in TOML.
                value => writeln!(text, "{key} = {value}"),
            };
        }
    }
    Ok(text)
}
