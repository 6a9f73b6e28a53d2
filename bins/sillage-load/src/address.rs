//! Where the server is, and whether it may be loaded.

use crate::Result;
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::time::Duration;

/// How long a connection may take to be made.
const PATIENCE: Duration = Duration::from_secs(10);

/// A server that may be loaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// What stands before `/v1` in its addresses, without a slash at its end.
    pub base: String,
    /// What requests name as their host.
    pub host: String,
    /// What stands before `/v1` in its paths: empty, or `/tsadk/api`.
    pub path: String,
    /// Where it listens.
    pub address: SocketAddr,
}

impl Target {
    /// Reads `http://host:port/base-path`, and connects once to see that somebody listens.
    ///
    /// A host that is not this machine is refused unless `mine`: load that its owner did not ask for is an attack.
    ///
    /// # Errors
    ///
    /// It is no such address, it leads to another machine and is not `mine`, or nobody listens.
    pub fn new(url: &str, mine: bool) -> Result<Self> {
        let rest = url.strip_prefix("http://").ok_or_else(|| {
            format!(
                "{url}: an address begins with http:// (TLS is the proxy's work: measure the server behind it)"
            )
        })?;
        let (host, path) = match rest.split_once('/') {
            Some((host, path)) => (host, format!("/{}", path.trim_end_matches('/'))),
            None => (rest, String::new()),
        };
        if host.contains('@') || path.contains(['?', '#', ' ']) {
            return Err(format!(
                "{url}: nothing but a host, a port and a path may stand in an address"
            )
            .into());
        }
        let path = if path == "/" { String::new() } else { path };
        let with_port = if has_port(host) {
            host.to_owned()
        } else {
            format!("{host}:80")
        };
        let found: Vec<_> = with_port
            .to_socket_addrs()
            .map_err(|error| format!("{url}: {error}"))?
            .collect();
        if !mine && found.iter().any(|address| !address.ip().is_loopback()) {
            return Err(format!(
                "{host} is not this machine. Say --yes-this-is-my-server if the server is yours, or if its owner asked for the load"
            )
            .into());
        }
        let mut failure = format!("{host} has no address");
        for address in found {
            match TcpStream::connect_timeout(&address, PATIENCE) {
                Ok(_) => {
                    return Ok(Self {
                        // By its number, so that no other answer of the resolver can lead elsewhere.
                        base: if address.ip().is_loopback() {
                            format!("http://{address}{path}")
                        } else {
                            format!("http://{host}{path}")
                        },
                        host: host.to_owned(),
                        path,
                        address,
                    });
                }
                Err(error) => failure = format!("{address}: {error}"),
            }
        }
        Err(failure.into())
    }
}

fn has_port(host: &str) -> bool {
    let after = host.rsplit_once(']').map_or(host, |(_, after)| after);
    after.contains(':')
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    #[test]
    fn a_server_on_this_machine_may_be_loaded() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let target = Target::new(&format!("http://localhost:{port}/tsadk/api/"), false).unwrap();
        assert_eq!(target.path, "/tsadk/api");
        assert_eq!(target.base, format!("http://127.0.0.1:{port}/tsadk/api"));
        assert_eq!(target.host, format!("localhost:{port}"));
    }

    #[test]
    fn another_machine_is_refused_before_anything_is_sent() {
        // An address for documentation (RFC 5737), where nobody listens.
        let refused = Target::new("http://192.0.2.1:80", false).unwrap_err();
        assert!(
            refused.to_string().contains("--yes-this-is-my-server"),
            "{refused}"
        );
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for url in [
            "https://127.0.0.1",
            "127.0.0.1:80",
            "http://a@127.0.0.1",
            "http://127.0.0.1/?a=b",
        ] {
            assert!(Target::new(url, true).is_err(), "{url}");
        }
    }
}
