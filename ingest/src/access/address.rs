//! The client's address, as far as it can be believed.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use axum::extract::ConnectInfo;
use http::{Extensions, HeaderMap};

/// The address that a request is counted under: the peer's, or what the outermost of
/// `trusted_proxies` reverse proxies saw. `None` when the server was started without peer addresses.
pub(crate) fn client_address(extensions: &Extensions, headers: &HeaderMap, trusted_proxies: usize) -> Option<IpAddr> {
    let peer = extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
    let seen = if trusted_proxies > 0 { forwarded(headers, trusted_proxies) } else { None };
    seen.or(peer).map(network)
}

/// The entry that the outermost trusted proxy appended: entries left of it are whatever the client sent.
fn forwarded(headers: &HeaderMap, trusted_proxies: usize) -> Option<IpAddr> {
    headers
        .get_all("x-forwarded-for")
        .iter()
        .rev()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.rsplit(','))
        .map(str::trim)
        .take(trusted_proxies)
        .last()
        .and_then(parse)
}

/// `1.2.3.4`, `1.2.3.4:80`, `::1`, `[::1]` or `[::1]:80`.
fn parse(entry: &str) -> Option<IpAddr> {
    let bare = entry.trim_start_matches('[').trim_end_matches(']');
    bare.parse().ok().or_else(|| entry.parse::<SocketAddr>().ok().map(|address| address.ip()))
}

/// One customer of a provider: an IPv4 address, or an IPv6 network of 64 bits.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn only_trusted_entries_count() {
        let mut extensions = Extensions::new();
        extensions.insert(ConnectInfo("10.0.0.1:5000".parse::<SocketAddr>().unwrap()));
        let mut headers = HeaderMap::new();
        headers.append("x-forwarded-for", "6.6.6.6, 1.2.3.4".parse().unwrap());
        headers.append("x-forwarded-for", "[2001:db8::7:8:9:a]:443".parse().unwrap());
        for (proxies, want) in [(0, "10.0.0.1"), (1, "2001:db8::"), (2, "1.2.3.4"), (3, "6.6.6.6"), (9, "6.6.6.6")] {
            let got = client_address(&extensions, &headers, proxies).unwrap();
            assert_eq!(got, want.parse::<IpAddr>().unwrap(), "{proxies} proxies");
        }
        headers.insert("x-forwarded-for", "unknown".parse().unwrap());
        assert_eq!(client_address(&extensions, &headers, 1).unwrap().to_string(), "10.0.0.1");
        assert_eq!(client_address(&Extensions::new(), &HeaderMap::new(), 0), None);
    }
}
