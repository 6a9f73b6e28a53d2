//! How large things may be.

/// The limits of a request and of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a request's body, after inflation. Default 1 MiB.
    pub body: usize,
    /// Entries in a request. Default 1000.
    pub entries: usize,
    /// Bytes of an entry's payload. Default 64 KiB.
    pub payload: usize,
    /// How deep an entry's payload may be nested; the payload itself is at depth 1. At least 1. Default 32.
    pub depth: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body: 1 << 20,
            entries: 1000,
            payload: 64 << 10,
            depth: 32,
        }
    }
}
