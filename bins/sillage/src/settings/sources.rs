//! Where settings come from: defaults, then a file, then the environment.

use super::Settings;
use config::{Config, Environment, File, FileFormat, Map, Source, Value, ValueKind};
use serde_json::Value as Json;
use std::path::{Path, PathBuf};

/// The file that is read where it is there and no other is named.
const DEFAULT_FILE: &str = "sillage.toml";
/// How alike two keys must be for one to be meant by the other, from 0 to 1.
const ALIKE: f64 = 0.7;

/// Where settings are looked for.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sources {
    /// The file that was named; it must be there.
    pub(crate) file: Option<PathBuf>,
    /// Whether `sillage.toml` counts where no file was named.
    pub(crate) default_file: bool,
    /// Instead of the environment of the process.
    pub(crate) environment: Option<Map<String, String>>,
}

/// Why there are no settings.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum SettingsError {
    /// The file that was named is not there.
    #[error("there is no configuration file {}", .0.display())]
    NoFile(PathBuf),
    /// There are keys that mean nothing.
    #[error("{}", .0.join("\n"))]
    Unknown(Vec<String>),
    /// The file can't be read, or a value is not what it should be.
    #[error("the configuration can't be read: {0}")]
    Read(#[from] config::ConfigError),
}

impl Sources {
    /// Reads all of them.
    pub(crate) fn read(&self) -> Result<Settings, SettingsError> {
        let mut builder = Config::builder();
        if let Some(path) = self.path()? {
            builder = builder.add_source(File::from(path.as_path()).format(FileFormat::Toml));
        }
        let environment = Environment::with_prefix("SILLAGE")
            .prefix_separator("__")
            .separator("__")
            .ignore_empty(true)
            .source(self.environment.clone());
        let found = builder.add_source(environment).build()?;
        let known = serde_json::to_value(Settings::default())
            .map_err(|error| config::ConfigError::Foreign(error.into()))?;
        let mut unknown = Vec::new();
        find_unknown(
            &found.collect()?,
            Some(&known),
            "",
            &leaves(&known, ""),
            &mut unknown,
        );
        if !unknown.is_empty() {
            unknown.sort();
            return Err(SettingsError::Unknown(unknown));
        }
        Ok(found.try_deserialize()?)
    }

    fn path(&self) -> Result<Option<PathBuf>, SettingsError> {
        match &self.file {
            Some(path) if path.is_file() => Ok(Some(path.clone())),
            Some(path) => Err(SettingsError::NoFile(path.clone())),
            None => Ok((self.default_file && Path::new(DEFAULT_FILE).is_file())
                .then(|| DEFAULT_FILE.into())),
        }
    }
}

/// The full names of all settings.
fn leaves(known: &Json, above: &str) -> Vec<String> {
    match known {
        Json::Object(members) => members
            .iter()
            .flat_map(|(key, below)| leaves(below, &join(above, key)))
            .collect(),
        _ => vec![above.to_owned()],
    }
}

fn join(above: &str, key: &str) -> String {
    if above.is_empty() {
        key.to_owned()
    } else {
        format!("{above}.{key}")
    }
}

fn find_unknown(
    found: &Map<String, Value>,
    known: Option<&Json>,
    above: &str,
    leaves: &[String],
    unknown: &mut Vec<String>,
) {
    for (key, value) in found {
        let path = join(above, key);
        match (known.and_then(|known| known.get(key)), &value.kind) {
            (Some(Json::Object(_)) | None, ValueKind::Table(below)) if !below.is_empty() => {
                // Each key of an unknown section may be one that is known elsewhere.
                find_unknown(
                    below,
                    known.and_then(|known| known.get(key)),
                    &path,
                    leaves,
                    unknown,
                );
            }
            (Some(_), _) => {}
            (None, _) => unknown.push(describe(&path, value, leaves)),
        }
    }
}

fn describe(path: &str, value: &Value, leaves: &[String]) -> String {
    let place = value
        .origin()
        .map_or(String::new(), |origin| format!(" ({origin})"));
    // As a whole, or by its last part alone: `port` is no setting, `serve.bind` and `bind` mean `server.bind`.
    let last = |path: &str| path.rsplit('.').next().unwrap_or_default().to_owned();
    let likeness = |leaf: &String| {
        let whole = strsim::jaro_winkler(path, leaf);
        if path.contains('.') {
            whole
        } else {
            whole.max(strsim::jaro_winkler(path, &last(leaf)))
        }
    };
    let nearest = leaves
        .iter()
        .map(|leaf| (likeness(leaf), leaf))
        .max_by(|a, b| a.0.total_cmp(&b.0));
    match nearest {
        Some((likeness, leaf)) if likeness >= ALIKE => {
            format!("unknown setting `{path}`{place}; the nearest known one is `{leaf}`")
        }
        _ => format!(
            "unknown setting `{path}`{place}; `sillage config show` lists those that there are"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::{LogFormat, as_toml};

    fn read(environment: &[(&str, &str)]) -> Result<Settings, SettingsError> {
        let environment = environment
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect();
        Sources {
            environment: Some(environment),
            ..Sources::default()
        }
        .read()
    }

    fn read_file(text: &str, environment: &[(&str, &str)]) -> Result<Settings, SettingsError> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("sillage.toml");
        std::fs::write(&file, text).unwrap();
        let environment = environment
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect();
        Sources {
            file: Some(file),
            environment: Some(environment),
            ..Sources::default()
        }
        .read()
    }

    #[test]
    fn nothing_set_is_the_defaults() {
        let settings = read(&[("PATH", "/bin")]).unwrap();
        assert_eq!(settings.server.bind.to_string(), "127.0.0.1:8080");
        assert_eq!(
            settings.database_url().expose(),
            "sqlite://./sillage-data/sillage.db"
        );
        assert_eq!(
            settings.root_key_file(),
            Path::new("./sillage-data/root.key")
        );
        assert_eq!(settings.auth.bcrypt_cost, 12);
    }

    #[test]
    fn the_environment_goes_before_the_file() {
        let file =
            "[server]\nbind = \"127.0.0.1:1\"\nbase_path = \"/a\"\n[log]\nformat = \"json\"\n";
        let settings = read_file(file, &[("SILLAGE__SERVER__BIND", "127.0.0.1:2")]).unwrap();
        assert_eq!(settings.server.bind.port(), 2);
        assert_eq!(settings.server.base_path, "/a");
        assert_eq!(settings.log.format, LogFormat::Json);
    }

    #[test]
    fn the_environment_has_numbers_words_and_lists() {
        let settings = read(&[
            ("SILLAGE__LIMITS__ENTRIES", "10"),
            ("SILLAGE__SERVER__WORKERS", "3"),
            ("SILLAGE__DATABASE__ALLOW_UNSAFE_DURABILITY", "true"),
            (
                "SILLAGE__CORS__ORIGINS",
                "https://a.example.org, https://b.example.org",
            ),
            ("SILLAGE__AUTH__ADMIN_PASSWORD", "00012345"),
            ("SILLAGE__DATABASE__URL", ""),
        ])
        .unwrap();
        assert_eq!(settings.limits.entries, 10);
        assert_eq!(settings.server.workers.unwrap().get(), 3);
        assert!(settings.database.allow_unsafe_durability);
        assert_eq!(
            settings.cors.origins,
            ["https://a.example.org", "https://b.example.org"]
        );
        assert_eq!(settings.auth.admin_password.unwrap().expose(), "00012345");
        assert!(settings.database.url.is_none());
    }

    #[test]
    fn an_unknown_key_names_the_nearest_known_one() {
        let error = read(&[("SILLAGE__SERVER__BNID", "x")])
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("`server.bnid`") && error.contains("`server.bind`"),
            "{error}"
        );
        let error = read(&[("SILLAGE__DATABASE_URL", "x")])
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("`database_url`") && error.contains("`database.url`"),
            "{error}"
        );
        let error = read_file("[serve]\nbind = \"x\"\n[log]\nlevle = \"info\"\n", &[])
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("`serve.bind`") && error.contains("`server.bind`"),
            "{error}"
        );
        assert!(
            error.contains("`log.levle`")
                && error.contains("`log.level`")
                && error.contains("sillage.toml"),
            "{error}"
        );
        let error = read(&[("SILLAGE__ZZZ", "x")]).unwrap_err().to_string();
        assert!(
            error.contains("`zzz`") && error.contains("config show"),
            "{error}"
        );
    }

    #[test]
    fn a_value_of_another_type_is_refused_with_its_key() {
        let error = read(&[("SILLAGE__LIMITS__ENTRIES", "many")])
            .unwrap_err()
            .to_string();
        assert!(error.contains("limits.entries"), "{error}");
    }

    #[test]
    fn a_file_that_was_named_must_be_there() {
        let sources = Sources {
            file: Some("/nowhere/sillage.toml".into()),
            ..Sources::default()
        };
        assert!(matches!(sources.read(), Err(SettingsError::NoFile(_))));
    }

    #[test]
    fn what_is_shown_is_read_back_and_hides_secrets() {
        let secret = [
            ("SILLAGE__AUTH__ADMIN_PASSWORD", "hunter2hunter2"),
            ("SILLAGE__KEYS__ROOT_KEY", "0123abcd"),
            (
                "SILLAGE__DATABASE__URL",
                "mysql://u:hunter2@db.example.org/x",
            ),
            ("SILLAGE__CORS__ORIGINS", "https://a.example.org"),
        ];
        let settings = read(&secret).unwrap();
        let shown = as_toml(&settings).unwrap();
        for text in [&shown, &format!("{settings:?}")] {
            assert!(
                !text.contains("hunter2") && !text.contains("0123abcd"),
                "{text}"
            );
        }
        let again = read_file(&shown, &[]).unwrap();
        assert_eq!(as_toml(&again).unwrap(), shown);
    }
}
