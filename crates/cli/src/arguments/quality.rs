//! How `sillage quality` is written.

use crate::CommandError;
use clap::Args;
use sillage_domain::Slug;
use sillage_domain::quality::{Rules, Seconds};
use std::path::{Path, PathBuf};

/// `sillage quality`
#[derive(Debug, Args)]
pub struct QualityArguments {
    /// The study; or a file of entries, a JSON object a line (.ndjson, .jsonl, compressed with .gz)
    #[arg(value_name = "STUDY|FILE", required_unless_present = "study")]
    what: Option<PathBuf>,
    /// The study, for whoever likes to say what it is
    #[arg(long, value_name = "STUDY", conflicts_with = "what")]
    study: Option<Slug>,
    /// The codebook to compare with (TOML, or JSON with .json), instead of the study's own
    #[arg(long, value_name = "FILE")]
    codebook: Option<PathBuf>,
    /// By how much a clock may be off: seconds, or a duration such as PT5M
    #[arg(long, default_value = "300", value_name = "DURATION")]
    tolerance: Seconds,
    /// After how long an arrival is late
    #[arg(long, default_value = "86400", value_name = "DURATION")]
    late: Seconds,
    /// How long a pause may be that counts as active time
    #[arg(long, default_value = "300", value_name = "DURATION")]
    idle: Seconds,
}

impl QualityArguments {
    /// The file, if one is named: what has a full stop or a separator of folders in it can't be a study.
    pub fn file(&self) -> Option<&Path> {
        let is_file = |what: &&PathBuf| {
            let text = what.to_string_lossy();
            text.contains('.') || text.contains(std::path::is_separator)
        };
        self.what.as_ref().filter(is_file).map(PathBuf::as_path)
    }

    /// The study.
    ///
    /// # Errors
    ///
    /// [`CommandError::Usage`] for what can't be the name of one.
    pub fn study(&self) -> Result<Slug, CommandError> {
        if let Some(slug) = &self.study {
            return Ok(slug.clone());
        }
        let what = self.what.as_deref().unwrap_or(Path::new(""));
        let slug = what.to_str().and_then(|text| text.parse().ok());
        slug.ok_or_else(|| {
            CommandError::Usage(format!("`{}` is no name of a study", what.display()))
        })
    }

    /// The codebook, if a file is named.
    pub fn codebook(&self) -> Option<&Path> {
        self.codebook.as_deref()
    }

    /// What counts as what.
    pub fn rules(&self) -> Rules {
        Rules {
            tolerance: self.tolerance.0,
            late: self.late.0,
            idle: self.idle.0,
            ..Rules::default()
        }
    }
}
