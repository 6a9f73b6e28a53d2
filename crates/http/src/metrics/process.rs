//! The process itself, as Linux tells it. Elsewhere nothing is known of it.

use std::fs;
use std::sync::OnceLock;
use std::time::{SystemTime, UNIX_EPOCH};

/// The clock ticks of `/proc`: 100 a second in the interface of every architecture that there is a build for.
const TICKS: f64 = 100.0;

/// What is known of the process.
#[derive(Debug, Default)]
pub(super) struct Process {
    /// Seconds since 1970 at which it began, about.
    pub(super) start_seconds: Option<f64>,
    pub(super) resident_bytes: Option<f64>,
    pub(super) open_files: Option<f64>,
    pub(super) max_files: Option<f64>,
    pub(super) cpu_seconds: Option<f64>,
    pub(super) threads: Option<f64>,
}

pub(super) fn read() -> Process {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let limits = fs::read_to_string("/proc/self/limits").unwrap_or_default();
    Process {
        start_seconds: started(&stat),
        resident_bytes: line(&status, "VmRSS:").map(|kilobytes| kilobytes * 1024.0),
        open_files: fs::read_dir("/proc/self/fd")
            .ok()
            .map(|files| files.count() as f64),
        max_files: line(&limits, "Max open files"),
        cpu_seconds: field(&stat, 14)
            .zip(field(&stat, 15))
            .map(|(user, system)| {
                // By processes and by the kernel for them.
                (user + system) / TICKS
            }),
        threads: line(&status, "Threads:"),
    }
}

/// The first number of the line that begins so.
fn line(text: &str, begin: &str) -> Option<f64> {
    let rest = text.lines().find_map(|line| line.strip_prefix(begin))?;
    rest.split_whitespace().next()?.parse().ok()
}

/// The n-th field of `/proc/self/stat`, from 1 (proc(5)). The second is a name, and may have spaces and brackets in it.
fn field(stat: &str, n: usize) -> Option<f64> {
    let (_, after) = stat.rsplit_once(") ")?;
    after.split(' ').nth(n - 3)?.parse().ok()
}

/// The same value whenever it is asked: it is computed from two clocks.
fn started(stat: &str) -> Option<f64> {
    static STARTED: OnceLock<Option<f64>> = OnceLock::new();
    *STARTED.get_or_init(|| {
        let uptime = fs::read_to_string("/proc/uptime").ok()?;
        let uptime: f64 = uptime.split(' ').next()?.parse().ok()?;
        let now = SystemTime::now().duration_since(UNIX_EPOCH).ok()?;
        Some(now.as_secs_f64() - uptime + field(stat, 22)? / TICKS)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_found_behind_any_name() {
        let stat = "7 (a) b (c) S 1 7 7 0 -1 4194304 100 0 0 0 250 50 0 0 20 0 3 0 12345 1000 20";
        assert_eq!(field(stat, 14), Some(250.0));
        assert_eq!(field(stat, 15), Some(50.0));
        assert_eq!(field(stat, 22), Some(12345.0));
        assert_eq!(field("", 14), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn this_process_is_known() {
        let process = read();
        assert!(process.resident_bytes.unwrap() > 1_000_000.0);
        assert!(process.open_files.unwrap() >= 3.0);
        assert!(process.threads.unwrap() >= 1.0);
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let age = now.as_secs_f64() - process.start_seconds.unwrap();
        assert!((-2.0..86_400.0).contains(&age), "{age}");
    }
}
