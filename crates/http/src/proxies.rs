//! The proxies in front of the server, as those who run it name them.

use ipnet::IpNet;
use std::net::IpAddr;

/// The header in which trusted proxies name whom they were asked by. Only one is read: a proxy that writes one of them passes on
/// what anybody wrote into the other.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ForwardedHeader {
    /// `X-Forwarded-For`, which most proxies write.
    #[default]
    XForwardedFor,
    /// `Forwarded` (RFC 7239).
    Forwarded,
}

/// Reads addresses and networks: `10.0.0.7`, `10.0.0.0/8`, `2001:db8::/32`.
///
/// # Errors
///
/// The first text that is neither.
pub fn networks(texts: &[String]) -> Result<Vec<IpNet>, &str> {
    let network = |text: &str| {
        let address = || text.parse::<IpAddr>().ok().map(IpNet::from);
        text.parse::<IpNet>().ok().or_else(address)
    };
    texts
        .iter()
        .map(|text| network(text).ok_or(text.as_str()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_and_addresses_are_understood_and_nothing_else() {
        let text = |text: &str| vec![text.to_owned()];
        assert!(networks(&text("10.0.0.0/8")).is_ok());
        assert!(networks(&text("2001:db8::/32")).is_ok());
        assert_eq!(
            networks(&text("192.0.2.1")).unwrap(),
            networks(&text("192.0.2.1/32")).unwrap()
        );
        assert_eq!(networks(&text("10.0.0.0/33")), Err("10.0.0.0/33"));
        assert_eq!(networks(&text("proxy")), Err("proxy"));
    }
}
