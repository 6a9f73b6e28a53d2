//! `sillage-load`: how a server of Sillage fares under load.

mod arguments;
mod commands;
mod line;
mod place;

use arguments::{Arguments, What};
use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    let done = match Arguments::parse().command {
        What::Run(run) => commands::run(*run),
        What::Verify(verify) => commands::verify(&verify),
        What::Floor(floor) => commands::floor(&floor),
        What::Compare(compare) => commands::compare(&compare),
        What::ServeFloor { workers } => {
            sillage_load::floor::serve(workers).map(|()| ExitCode::SUCCESS)
        }
    };
    done.unwrap_or_else(|failure| {
        eprintln!("failed: {failure}");
        ExitCode::FAILURE
    })
}
