//! Where written bytes gather until there is a chunk of them.

use std::io::{self, Write};
use std::ops::ControlFlow;

/// How many bytes go out together, about: 64 KiB.
pub const CHUNK: usize = 64 << 10;

pub(crate) struct Chunks<'a> {
    buffer: Vec<u8>,
    consumer: &'a mut dyn FnMut(Vec<u8>) -> ControlFlow<()>,
    broken: bool,
}

impl<'a> Chunks<'a> {
    pub(crate) fn new(consumer: &'a mut dyn FnMut(Vec<u8>) -> ControlFlow<()>) -> Self {
        Self {
            buffer: Vec::new(),
            consumer,
            broken: false,
        }
    }

    /// Whether the consumer takes no more.
    pub(crate) fn is_broken(&self) -> bool {
        self.broken
    }

    fn hand_over(&mut self, next_capacity: usize) -> io::Result<()> {
        if !self.broken && !self.buffer.is_empty() {
            let chunk = std::mem::replace(&mut self.buffer, Vec::with_capacity(next_capacity));
            self.broken = (self.consumer)(chunk).is_break();
        }
        if self.broken {
            Err(io::ErrorKind::BrokenPipe.into())
        } else {
            Ok(())
        }
    }
}

impl Write for Chunks<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.broken {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        if !self.buffer.is_empty() && self.buffer.len() + bytes.len() > CHUNK {
            self.hand_over(CHUNK.max(bytes.len()))?;
        }
        self.buffer.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    /// Hands over what there is.
    fn flush(&mut self) -> io::Result<()> {
        self.hand_over(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_go_out_in_chunks_and_in_order() {
        let mut chunks = Vec::new();
        let mut consumer = |chunk: Vec<u8>| {
            chunks.push(chunk);
            ControlFlow::Continue(())
        };
        let mut out = Chunks::new(&mut consumer);
        let sent: Vec<u8> = (0..200_000_u32).flat_map(u32::to_le_bytes).collect();
        for part in sent.chunks(1000) {
            out.write_all(part).unwrap();
        }
        out.flush().unwrap();
        assert!(chunks.iter().all(|chunk| chunk.len() <= CHUNK));
        assert_eq!(chunks.len(), sent.len().div_ceil(CHUNK / 1000 * 1000));
        assert_eq!(chunks.concat(), sent);
    }

    #[test]
    fn a_consumer_that_is_gone_is_not_called_again() {
        let mut calls = 0;
        let mut consumer = |_| {
            calls += 1;
            ControlFlow::Break(())
        };
        let mut out = Chunks::new(&mut consumer);
        out.write_all(b"x").unwrap();
        assert!(out.flush().is_err());
        assert!(out.write_all(b"y").is_err());
        assert!(out.flush().is_err());
        assert!(out.is_broken());
        assert_eq!(calls, 1);
    }
}
