//! Processes started here, and what the system says about them.

use crate::Result;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

/// How long a process may take to end by itself.
const PATIENCE: Duration = Duration::from_secs(30);

/// A process that ends with the value, if not before.
pub struct Process(Child);

impl Process {
    /// Takes charge of a process.
    #[must_use]
    pub fn new(child: Child) -> Self {
        Self(child)
    }

    /// Whether it runs.
    ///
    /// # Errors
    ///
    /// The system does not tell.
    pub fn runs(&mut self) -> Result<bool> {
        Ok(self.0.try_wait()?.is_none())
    }

    /// Asks it to end, and waits until it has, well.
    ///
    /// # Errors
    ///
    /// It ends with an error, or not within half a minute.
    pub fn end(mut self) -> Result<()> {
        let id = self.0.id().to_string();
        Command::new("kill").args(["-TERM", &id]).status()?;
        let limit = Instant::now() + PATIENCE;
        while Instant::now() < limit {
            match self.0.try_wait()? {
                Some(status) if status.success() => return Ok(()),
                Some(status) => return Err(format!("the server ended badly: {status}").into()),
                None => std::thread::sleep(Duration::from_millis(20)),
            }
        }
        Err("the server did not end within 30 s of SIGTERM".into())
    }

    /// What it holds in memory now, and the most it has held (`VmRSS` and `VmHWM` of proc(5)).
    ///
    /// # Errors
    ///
    /// The system does not tell.
    pub fn memory(&self) -> Result<Memory> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.0.id()))?;
        let megabytes = |field: &str| {
            status
                .lines()
                .find_map(|line| line.strip_prefix(field)?.strip_prefix(':'))
                .and_then(|value| value.trim().strip_suffix(" kB")?.parse::<f64>().ok())
                .map(|kilobytes| kilobytes * 1024.0 / 1e6)
                .ok_or_else(|| format!("/proc does not tell {field}"))
        };
        Ok(Memory {
            resident: megabytes("VmRSS")?,
            peak: megabytes("VmHWM")?,
        })
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended before.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Memory of a process, in MB (10^6 bytes).
#[derive(Debug, Clone, Copy)]
pub struct Memory {
    /// Resident now.
    pub resident: f64,
    /// The most that was resident since the start.
    pub peak: f64,
}
