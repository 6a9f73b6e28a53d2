//! Every table of a study, as a data package (<https://specs.frictionlessdata.io/data-package/>).

use super::{Making, rules, to_file};
use crate::{CommandError, Output};
use serde_json::{Value, json};
use sillage_domain::{ActionName, LogFilter};
use sillage_export::{ExportError, Shape, WideTable, write_codebook};
use std::collections::HashSet;
use std::fs;
use std::path::Path;

/// Writes all tables to a folder, which is made where it is not there.
pub(super) fn write(
    making: &Making<'_>,
    folder: &Path,
    output: &mut Output<'_>,
) -> Result<(), CommandError> {
    let profile = making.arguments.profile;
    let rules = rules(making.arguments);
    let rules = &rules;
    let format = sillage_export::Format::Csv;
    let mut package = Package::new(making, folder)?;
    match making.book {
        None => package.table("entries", &making.filter, Shape::Csv(profile), None)?,
        Some(book) => {
            let table = making.table(book, None);
            let schema = table.schema("en");
            package.wide("entries", &making.filter, &table)?;
            package.json("tableschema.json", &schema)?;
            let mut names = HashSet::new();
            for action in book.codebook.actions() {
                // What can't be the name of an action is that of no entry.
                let Ok(name) = action.name().parse::<ActionName>() else {
                    continue;
                };
                if making
                    .filter
                    .action
                    .as_ref()
                    .is_some_and(|only| *only != name)
                {
                    continue;
                }
                let filter = LogFilter {
                    action: Some(name.clone()),
                    ..making.filter.clone()
                };
                let table = making.table(book, Some(&name));
                package.wide(&file_name(action.name(), &mut names), &filter, &table)?;
            }
            package.codebook(book)?;
        }
    }
    let sessions = Shape::Sessions {
        format,
        profile,
        rules,
    };
    package.table("sessions", &making.filter, sessions, None)?;
    let participants = Shape::Participants {
        format,
        profile,
        rules,
    };
    package.table("participants", &making.filter, participants, None)?;
    if making.reading.cleaning.is_some() {
        package.table("cleaning", &making.filter, Shape::Reasons(profile), None)?;
    }
    package.finish(output)
}

/// A folder that fills.
struct Package<'a> {
    making: &'a Making<'a>,
    folder: &'a Path,
    resources: Vec<Value>,
    entries: u64,
}

impl<'a> Package<'a> {
    fn new(making: &'a Making<'a>, folder: &'a Path) -> Result<Self, CommandError> {
        let failed = |source| CommandError::File {
            path: folder.to_owned(),
            source,
        };
        fs::create_dir_all(folder).map_err(failed)?;
        Ok(Self {
            making,
            folder,
            resources: Vec::new(),
            entries: 0,
        })
    }

    fn wide(
        &mut self,
        name: &str,
        filter: &LogFilter,
        table: &WideTable,
    ) -> Result<(), CommandError> {
        let profile = self.making.arguments.profile;
        let schema = table.schema("en");
        self.table(name, filter, Shape::Wide { profile, table }, Some(schema))
    }

    fn table(
        &mut self,
        name: &str,
        filter: &LogFilter,
        shape: Shape<'_>,
        schema: Option<Value>,
    ) -> Result<(), CommandError> {
        let path = format!("{name}.csv");
        let making = self.making;
        let export = sillage_export::Export {
            logs: &*making.place.ports.logs,
            study: making.study.id,
            filter,
            shape,
            reading: making.reading,
        };
        let written = to_file(&export, &self.folder.join(&path))?;
        if name == "entries" {
            self.entries = written.entries;
        }
        self.list(&path, schema);
        Ok(())
    }

    /// Lists a file in the package.
    fn list(&mut self, path: &str, schema: Option<Value>) {
        let name = path.trim_end_matches(".csv").to_lowercase();
        let mut resource = json!({
            "name": name, "path": path, "format": "csv", "mediatype": "text/csv", "encoding": "utf-8",
        });
        if let Some(schema) = schema {
            resource["profile"] = "tabular-data-resource".into();
            resource["schema"] = schema;
        }
        self.resources.push(resource);
    }

    fn codebook(&mut self, book: &crate::book::Book) -> Result<(), CommandError> {
        let mut bytes = Vec::new();
        write_codebook(&book.codebook, self.making.arguments.profile, &mut bytes)?;
        self.file("codebook.csv", &bytes)?;
        self.list("codebook.csv", None);
        Ok(())
    }

    fn json(&self, name: &str, value: &Value) -> Result<(), CommandError> {
        let text = serde_json::to_string_pretty(value)
            .map_err(|error| ExportError::Write(error.into()))?;
        self.file(name, format!("{text}\n").as_bytes())
    }

    fn file(&self, name: &str, bytes: &[u8]) -> Result<(), CommandError> {
        let path = self.folder.join(name);
        fs::write(&path, bytes).map_err(|source| CommandError::File { path, source })
    }

    /// Says what the folder holds, and how it was made.
    fn finish(self, output: &mut Output<'_>) -> Result<(), CommandError> {
        let Making {
            study,
            book,
            view,
            arguments,
            ..
        } = self.making;
        let package = json!({
            "name": study.slug,
            "title": study.title,
            "profile": "data-package",
            "resources": self.resources,
        });
        self.json("datapackage.json", &package)?;
        let clean: Vec<_> = arguments.clean.iter().map(|rule| rule.as_str()).collect();
        let provenance = json!({
            "study": study.slug,
            "made_at": self.making.place.now,
            "made_by": concat!("sillage ", env!("CARGO_PKG_VERSION")),
            "view": view.as_str(),
            "profile": arguments.profile.as_str(),
            "codebook_version": book.and_then(|book| book.version),
            "clean": clean,
            "idle_seconds": arguments.idle.0,
            "tolerance_seconds": rules(arguments).tolerance,
            "filter": {
                "participant": arguments.participant.map(|code| code.to_string()),
                "session": arguments.session,
                "action": arguments.action,
                "from": arguments.from,
                "to": arguments.to,
                "received_from": arguments.received_from,
                "received_to": arguments.received_to,
                "status": arguments.status.map(|status| status.as_str()),
            },
        });
        self.json("provenance.json", &provenance)?;
        let files = self.resources.len();
        output.line(format_args!(
            "{files} tables of {} written to {}, {} entries",
            study.slug,
            self.folder.display(),
            self.entries
        ))?;
        output.value(&json!({ "study": study.slug, "tables": files, "entries": self.entries, "folder": self.folder }))?;
        Ok(())
    }
}

/// A name that every file system takes, unlike those before it: `action-` and the name, with `_` for whatever is no letter or digit.
fn file_name(action: &str, taken: &mut HashSet<String>) -> String {
    let plain = |c: char| {
        if c.is_ascii_alphanumeric() || c == '-' {
            c
        } else {
            '_'
        }
    };
    let plain: String = action.chars().map(plain).take(64).collect();
    let mut name = format!("action-{plain}");
    let mut nth = 2;
    while !taken.insert(name.to_lowercase()) {
        name = format!("action-{plain}-{nth}");
        nth += 1;
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files_are_plain_and_each_another() {
        let mut taken = HashSet::new();
        let names = ["Open", "open", "../é", "../è"].map(|name| file_name(name, &mut taken));
        assert_eq!(
            names,
            [
                "action-Open",
                "action-open-2",
                "action-____",
                "action-____-2"
            ]
        );
    }
}
