//! Codebooks, good and bad.

pub(crate) mod dice;
mod faults;
mod reading;
mod size;

use super::{Codebook, CodebookFault, CodebookFormat, CodebookProblem};

/// A codebook of one action with these lines of TOML in it.
fn toml(rest: &str) -> String {
    format!("format = 1\nactions.begin = {{}}\n{rest}")
}

fn read(text: &str) -> Result<Codebook, Vec<CodebookFault>> {
    Codebook::read(text, CodebookFormat::Toml)
}

fn faults(text: &str) -> Vec<(usize, usize, String, CodebookProblem)> {
    let faults = read(text).unwrap_err().into_iter();
    faults
        .map(|fault| (fault.line, fault.column, fault.pointer, fault.problem))
        .collect()
}
