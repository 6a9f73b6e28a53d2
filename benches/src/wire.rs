//! HTTP/1.1 with as little work as can be, so that what is measured is the server.

use crate::Result;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// Longer than any answer to one request takes, exports apart.
const PATIENCE: Duration = Duration::from_secs(60);

/// What stands at the beginning of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Head {
    /// The status code.
    pub(crate) status: u16,
    /// How many bytes the status line and the fields take, the empty line included.
    pub(crate) length: usize,
    /// How many bytes the body takes.
    pub(crate) body: usize,
}

/// Reads the head of an answer; `None` while it is not there as a whole.
pub(crate) fn head(bytes: &[u8]) -> Result<Option<Head>> {
    let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else {
        return Ok(None);
    };
    let text = std::str::from_utf8(&bytes[..end])?;
    let mut lines = text.split("\r\n");
    let status = lines
        .next()
        .and_then(|line| line.split(' ').nth(1))
        .ok_or("the answer has no status")?
        .parse()?;
    let mut body = None;
    for line in lines {
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            body = Some(value.trim().parse()?);
        }
    }
    Ok(Some(Head {
        status,
        length: end + 4,
        body: body.ok_or_else(|| format!("the answer does not say its length: {text}"))?,
    }))
}

/// A keep-alive connection, one request after the other.
pub(crate) struct Wire {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Wire {
    /// Connects.
    pub(crate) fn connect(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect_timeout(&address, PATIENCE)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(Self {
            stream,
            buffer: vec![0; 64 << 10],
        })
    }

    /// Sends a `GET` that must be answered with 200, and gives the body.
    pub(crate) fn get(&mut self, path: &str, token: &str) -> Result<&[u8]> {
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: localhost\r\nUser-Agent: sillage-benches\r\nAuthorization: Bearer {token}\r\n\r\n"
        );
        let (status, body) = self.send(request.as_bytes())?;
        if status != 200 {
            let body = String::from_utf8_lossy(body);
            return Err(format!("GET {path} was answered {status}: {body}").into());
        }
        Ok(body)
    }

    /// Sends a request; gives status and body of the answer.
    pub(crate) fn send(&mut self, request: &[u8]) -> Result<(u16, &[u8])> {
        self.stream.write_all(request)?;
        let mut filled = 0;
        loop {
            if filled == self.buffer.len() {
                self.buffer.resize(2 * filled, 0);
            }
            let read = self.stream.read(&mut self.buffer[filled..])?;
            if read == 0 {
                return Err("the server closed the connection".into());
            }
            filled += read;
            let Some(head) = head(&self.buffer[..filled])? else {
                continue;
            };
            let whole = head.length + head.body;
            if filled < whole {
                continue;
            }
            return Ok((head.status, &self.buffer[head.length..whole]));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_read_once_it_is_there_as_a_whole() {
        let bytes = b"HTTP/1.1 201 Created\r\nCONTENT-LENGTH: 2\r\n\r\n{}";
        assert_eq!(head(&bytes[..40]).unwrap(), None);
        let expected = Head {
            status: 201,
            length: bytes.len() - 2,
            body: 2,
        };
        assert_eq!(head(bytes).unwrap(), Some(expected));
    }
}
