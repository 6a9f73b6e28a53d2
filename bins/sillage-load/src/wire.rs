//! HTTP/1.1 with as little work as can be, so that what is measured is the server.

use crate::Result;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// Longer than any answer to one request takes, exports apart.
const PATIENCE: Duration = Duration::from_secs(60);
/// No answer that is read whole is longer.
const LONGEST: usize = 64 << 20;

/// How long a body is (RFC 9112 section 6.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Length {
    /// So many bytes.
    Known(usize),
    /// In chunks, the last of which is empty.
    Chunked,
    /// Until the server closes the connection.
    UntilClosed,
}

/// What stands at the beginning of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// The status code.
    pub status: u16,
    /// How many bytes the status line and the fields take, the empty line included.
    pub length: usize,
    /// How many bytes the body takes.
    pub body: Length,
    /// Whether the server closes the connection afterwards.
    pub closes: bool,
    /// After how many seconds the server asks to be asked again.
    pub retry_after: Option<u64>,
}

/// Reads the head of an answer; `None` while it is not there as a whole.
///
/// # Errors
///
/// It is no answer of HTTP/1.
pub fn head(bytes: &[u8]) -> Result<Option<Head>> {
    let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else {
        return Ok(None);
    };
    let text = std::str::from_utf8(&bytes[..end])?;
    let mut lines = text.split("\r\n");
    let first = lines.next().unwrap_or_default();
    let mut head = Head {
        status: first
            .split(' ')
            .nth(1)
            .ok_or("the answer has no status")?
            .parse()?,
        length: end + 4,
        body: Length::UntilClosed,
        closes: first.starts_with("HTTP/1.0"),
        retry_after: None,
    };
    for line in lines {
        let Some((name, value)) = line.split_once(':') else {
            continue;
        };
        let value = value.trim();
        if name.eq_ignore_ascii_case("content-length") {
            head.body = Length::Known(value.parse()?);
        } else if name.eq_ignore_ascii_case("transfer-encoding") {
            head.body = Length::Chunked;
        } else if name.eq_ignore_ascii_case("connection") {
            head.closes = value.eq_ignore_ascii_case("close");
        } else if name.eq_ignore_ascii_case("retry-after") {
            head.retry_after = value.parse().ok();
        }
    }
    if matches!(head.status, 204 | 304) {
        head.body = Length::Known(0);
    }
    head.closes |= head.body == Length::UntilClosed;
    Ok(Some(head))
}

/// An answer that was read whole.
#[derive(Debug, Clone, Copy)]
pub struct Answer<'a> {
    /// The status code.
    pub status: u16,
    /// After how many seconds the server asks to be asked again.
    pub retry_after: Option<u64>,
    /// The body.
    pub body: &'a [u8],
}

/// A keep-alive connection among many, one request after the other. It is opened again where the server closed it.
pub struct Connection {
    address: SocketAddr,
    stream: Option<tokio::net::TcpStream>,
    buffer: Vec<u8>,
}

impl Connection {
    /// One that is opened by its first request.
    #[must_use]
    pub fn new(address: SocketAddr) -> Self {
        Self {
            address,
            stream: None,
            buffer: vec![0; 8 << 10],
        }
    }

    /// Connects.
    ///
    /// # Errors
    ///
    /// Nobody listens there.
    pub async fn open(address: SocketAddr) -> Result<Self> {
        let mut connection = Self::new(address);
        connection.stream = Some(connect(address).await?);
        Ok(connection)
    }

    /// Breaks the connection, as a network does that goes away.
    pub fn cut(&mut self) {
        self.stream = None;
    }

    /// Sends a request, and reads the answer to its end. After an error the next request opens the connection anew.
    ///
    /// # Errors
    ///
    /// Nobody listens, the connection breaks, or what comes is no answer.
    pub async fn send(&mut self, request: &[u8]) -> Result<Answer<'_>> {
        let mut stream = match self.stream.take().filter(is_open) {
            Some(stream) => stream,
            None => connect(self.address).await?,
        };
        stream.write_all(request).await?;
        let (head, mut filled) = self.read_head(&mut stream).await?;
        let body = match head.body {
            Length::Known(length) => {
                let whole = head.length + length;
                while filled < whole {
                    filled += self.read_more(&mut stream, filled).await?;
                }
                head.length..whole
            }
            Length::UntilClosed => loop {
                match self.read_some(&mut stream, filled).await? {
                    0 => break head.length..filled,
                    more => filled += more,
                }
            },
            Length::Chunked => loop {
                if let Some(length) = join_chunks(&mut self.buffer[head.length..filled])? {
                    break head.length..head.length + length;
                }
                filled += self.read_more(&mut stream, filled).await?;
            },
        };
        if !head.closes {
            self.stream = Some(stream);
        }
        Ok(Answer {
            status: head.status,
            retry_after: head.retry_after,
            body: &self.buffer[body],
        })
    }

    async fn read_head(&mut self, stream: &mut tokio::net::TcpStream) -> Result<(Head, usize)> {
        let mut filled = 0;
        loop {
            filled += self.read_more(stream, filled).await?;
            if let Some(head) = head(&self.buffer[..filled])? {
                return Ok((head, filled));
            }
        }
    }

    async fn read_more(
        &mut self,
        stream: &mut tokio::net::TcpStream,
        filled: usize,
    ) -> Result<usize> {
        match self.read_some(stream, filled).await? {
            0 => Err("the server closed the connection".into()),
            read => Ok(read),
        }
    }

    async fn read_some(
        &mut self,
        stream: &mut tokio::net::TcpStream,
        filled: usize,
    ) -> Result<usize> {
        if filled == self.buffer.len() {
            if filled >= LONGEST {
                return Err("the answer is longer than 64 MB".into());
            }
            self.buffer.resize(2 * filled, 0);
        }
        Ok(stream.read(&mut self.buffer[filled..]).await?)
    }
}

/// Whether the server has left a connection open that nothing was asked on for some time.
fn is_open(stream: &tokio::net::TcpStream) -> bool {
    let read = stream.try_read(&mut [0]);
    matches!(read, Err(error) if error.kind() == std::io::ErrorKind::WouldBlock)
}

async fn connect(address: SocketAddr) -> Result<tokio::net::TcpStream> {
    let stream = tokio::net::TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// Puts the content of chunks together at the beginning (RFC 9112 section 7.1), and gives its length; `None`, with nothing
/// changed, while the last chunk is not there.
fn join_chunks(bytes: &mut [u8]) -> Result<Option<usize>> {
    let mut chunks = Vec::new();
    let mut at = 0;
    loop {
        let Some(end) = bytes[at..].windows(2).position(|two| two == b"\r\n") else {
            return Ok(None);
        };
        let line = std::str::from_utf8(&bytes[at..at + end])?;
        let size = line.split(';').next().unwrap_or_default().trim();
        let size = usize::from_str_radix(size, 16)?.min(LONGEST);
        let begin = at + end + 2;
        at = begin + size + 2;
        if at > bytes.len() {
            return Ok(None);
        }
        if size == 0 {
            break;
        }
        chunks.push(begin..begin + size);
    }
    let mut length = 0;
    for chunk in chunks {
        let size = chunk.len();
        bytes.copy_within(chunk, length);
        length += size;
    }
    Ok(Some(length))
}

/// A keep-alive connection that blocks, one request after the other.
pub struct Wire {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Wire {
    /// Connects.
    ///
    /// # Errors
    ///
    /// Nobody listens there.
    pub fn connect(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect_timeout(&address, PATIENCE)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(Self {
            stream,
            buffer: vec![0; 64 << 10],
        })
    }

    /// Sends a `GET` that must be answered with 200, and gives the body.
    ///
    /// # Errors
    ///
    /// The answer is another one, or does not come.
    pub fn get(&mut self, path: &str, token: &str) -> Result<&[u8]> {
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: localhost\r\nUser-Agent: {}\r\nAuthorization: Bearer {token}\r\n\r\n",
            crate::USER_AGENT
        );
        let (status, body) = self.send(request.as_bytes())?;
        if status != 200 {
            let body = String::from_utf8_lossy(body);
            return Err(format!("GET {path} was answered {status}: {body}").into());
        }
        Ok(body)
    }

    /// Sends a request; gives status and body of the answer, which must tell its length.
    ///
    /// # Errors
    ///
    /// The answer does not come, or does not tell its length.
    pub fn send(&mut self, request: &[u8]) -> Result<(u16, &[u8])> {
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
            let Length::Known(length) = head.body else {
                return Err("the answer does not say its length".into());
            };
            let whole = head.length + length;
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
        let bytes = b"HTTP/1.1 503 Away\r\nCONTENT-LENGTH: 2\r\nRetry-After: 7\r\n\r\n{}";
        assert_eq!(head(&bytes[..50]).unwrap(), None);
        let expected = Head {
            status: 503,
            length: bytes.len() - 2,
            body: Length::Known(2),
            closes: false,
            retry_after: Some(7),
        };
        assert_eq!(head(bytes).unwrap(), Some(expected));
    }

    #[test]
    fn an_answer_without_a_length_ends_with_its_connection() {
        let head = head(b"HTTP/1.0 200 OK\r\nServer: old\r\n\r\n")
            .unwrap()
            .unwrap();
        assert_eq!(head.body, Length::UntilClosed);
        assert!(head.closes);
    }

    #[test]
    fn chunks_are_joined_once_the_last_is_there() {
        let text = b"3;a=b\r\nabc\r\n2\r\nde\r\n0\r\n\r\n".to_vec();
        for cut in 0..text.len() {
            let mut part = text[..cut].to_vec();
            assert_eq!(join_chunks(&mut part).unwrap(), None);
            assert_eq!(part, text[..cut], "nothing is moved before all is there");
        }
        let mut whole = text;
        assert_eq!(join_chunks(&mut whole).unwrap(), Some(5));
        assert_eq!(&whole[..5], b"abcde");
    }
}
