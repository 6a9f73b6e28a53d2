//! Where a request comes from, as far as limits must know.

use crate::proxies::ForwardedHeader;
use crate::settings::HttpSettings;
use actix_web::http::header::{FORWARDED, HeaderMap, HeaderName};
use std::hash::{BuildHasher, RandomState};
use std::net::{IpAddr, Ipv6Addr, SocketAddr};

pub(super) const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The address that a request comes from: a hash under a key that only this process has, and nothing that leads back to the
/// address. `None` where it isn't known whose it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Source(Option<u64>);

impl Source {
    /// What is known.
    pub(crate) fn hash(self) -> Option<u64> {
        self.0
    }

    /// Of a request with that peer and these headers.
    pub(super) fn of(
        peer: Option<SocketAddr>,
        headers: &HeaderMap,
        settings: &HttpSettings,
        hasher: &RandomState,
    ) -> Self {
        let address = peer.and_then(|peer| address(peer.ip().to_canonical(), headers, settings));
        Self(address.map(|address| hasher.hash_one(("address", network(address)))))
    }
}

/// Whose request it is. That of a proxy that is trusted is of whom it names; one that comes from this machine without a proxy that
/// is trusted may come from anybody, through a proxy that is not known.
fn address(peer: IpAddr, headers: &HeaderMap, settings: &HttpSettings) -> Option<IpAddr> {
    let is_trusted = |address: &IpAddr| {
        settings
            .trusted_proxies
            .iter()
            .any(|network| network.contains(address))
    };
    if !is_trusted(&peer) {
        return (!peer.is_loopback()).then_some(peer);
    }
    let hops = match settings.forwarded_header {
        ForwardedHeader::XForwardedFor => hops(headers, &X_FORWARDED_FOR, x_forwarded_for),
        ForwardedHeader::Forwarded => hops(headers, &FORWARDED, forwarded),
    };
    // Each proxy writes to the end whom it was asked by: what stands before the first that is not trusted, anybody may have
    // written.
    let mut farthest = None;
    for hop in hops.into_iter().rev() {
        farthest = Some(hop?);
        if !farthest.is_some_and(|hop| is_trusted(&hop)) {
            break;
        }
    }
    farthest
}

/// What the lines of a header list, in order; `None` for what is no address.
fn hops(
    headers: &HeaderMap,
    name: &HeaderName,
    read: fn(&str) -> Option<IpAddr>,
) -> Vec<Option<IpAddr>> {
    headers
        .get_all(name)
        .flat_map(|line| line.to_str().unwrap_or_default().split(','))
        .map(read)
        .collect()
}

fn x_forwarded_for(element: &str) -> Option<IpAddr> {
    node(element.trim())
}

/// The parameter `for` of an element (RFC 7239 section 4).
fn forwarded(element: &str) -> Option<IpAddr> {
    element.split(';').find_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        name.trim()
            .eq_ignore_ascii_case("for")
            .then(|| node(value.trim().trim_matches('"')))?
    })
}

/// An address, with a port or without (RFC 7239 section 6).
fn node(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|t| t.strip_suffix(']'));
    let address = bare.unwrap_or(text).parse().ok();
    address
        .or_else(|| text.parse::<SocketAddr>().ok().map(|node| node.ip()))
        .map(|address: IpAddr| address.to_canonical())
}

/// The part of an address that somebody does not choose: of IPv6 the first 64 bits (RFC 4291 section 2.5.4).
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proxies::networks;
    use actix_web::http::header::HeaderValue;
    use rstest::rstest;

    fn found(
        header: ForwardedHeader,
        peer: &str,
        lines: &[(&'static str, &'static str)],
    ) -> Option<String> {
        let settings = HttpSettings {
            trusted_proxies: networks(&["127.0.0.1".into(), "10.0.0.0/8".into()]).unwrap(),
            forwarded_header: header,
            ..HttpSettings::default()
        };
        let mut headers = HeaderMap::new();
        for (name, line) in lines {
            headers.append(
                HeaderName::from_static(name),
                HeaderValue::from_static(line),
            );
        }
        let peer: IpAddr = peer.parse().unwrap();
        address(peer.to_canonical(), &headers, &settings)
            .map(network)
            .map(|address| address.to_string())
    }

    #[rstest]
    #[case("192.0.2.1", &[], Some("192.0.2.1"))]
    #[case("192.0.2.1", &["198.51.100.7"], Some("192.0.2.1"))]
    #[case("::ffff:192.0.2.1", &[], Some("192.0.2.1"))]
    #[case("127.0.0.1", &["198.51.100.7"], Some("198.51.100.7"))]
    #[case("127.0.0.1", &["198.51.100.7:4711"], Some("198.51.100.7"))]
    #[case("127.0.0.1", &["203.0.113.9, 198.51.100.7"], Some("198.51.100.7"))]
    #[case("127.0.0.1", &["203.0.113.9, 198.51.100.7, 10.1.2.3"], Some("198.51.100.7"))]
    #[case("127.0.0.1", &["203.0.113.9", "198.51.100.7"], Some("198.51.100.7"))]
    #[case("127.0.0.1", &["nonsense, 198.51.100.7"], Some("198.51.100.7"))]
    #[case("127.0.0.1", &["198.51.100.7, nonsense"], None)]
    #[case("127.0.0.1", &["10.9.9.9, 10.1.2.3"], Some("10.9.9.9"))]
    #[case("127.0.0.1", &["2001:db8:1:2:3:4:5:6"], Some("2001:db8:1:2::"))]
    #[case("127.0.0.1", &["[2001:db8:1:2::9]:80"], Some("2001:db8:1:2::"))]
    #[case("127.0.0.1", &[], None)]
    #[case("::1", &["198.51.100.7"], None)]
    fn only_whom_a_trusted_proxy_names_is_believed(
        #[case] peer: &str,
        #[case] lines: &[&'static str],
        #[case] expected: Option<&str>,
    ) {
        let lines: Vec<_> = lines
            .iter()
            .map(|line| ("x-forwarded-for", *line))
            .collect();
        let found = found(ForwardedHeader::XForwardedFor, peer, &lines);
        assert_eq!(found.as_deref(), expected);
    }

    #[rstest]
    #[case("for=198.51.100.7", Some("198.51.100.7"))]
    #[case("proto=http;For=\"198.51.100.7:80\";by=10.0.0.1", Some("198.51.100.7"))]
    #[case(
        "for=203.0.113.9, for=\"[2001:db8:1:2::9]:80\"",
        Some("2001:db8:1:2::")
    )]
    #[case("for=unknown", None)]
    #[case("for=_hidden", None)]
    #[case("proto=https", None)]
    fn the_standard_header_is_read_where_it_is_set(
        #[case] line: &'static str,
        #[case] expected: Option<&str>,
    ) {
        let found = found(
            ForwardedHeader::Forwarded,
            "10.0.0.1",
            &[("forwarded", line), ("x-forwarded-for", "203.0.113.200")],
        );
        assert_eq!(found.as_deref(), expected);
    }

    #[test]
    fn the_header_that_is_not_set_is_not_read() {
        let lines = [("forwarded", "for=203.0.113.9")];
        assert_eq!(
            found(ForwardedHeader::XForwardedFor, "127.0.0.1", &lines),
            None
        );
    }
}
