//! How `sillage health` is written.

use clap::Args;

/// `sillage health`
#[derive(Debug, Args)]
pub struct HealthArguments {
    /// Where the server is, as http://127.0.0.1:8080 [default: where the configuration says that it listens]
    #[arg(value_name = "URL")]
    pub url: Option<String>,
    /// Ask only whether the process answers, not whether it can take entries
    #[arg(long)]
    pub live: bool,
    /// How long to wait for the answer
    #[arg(long, value_name = "SECONDS", default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=300))]
    pub timeout: u64,
}
