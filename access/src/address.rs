//! The client's network address, as far as it can be believed.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

/// The address that a request is counted under: the peer's, or what the outermost of `trusted_proxies` reverse proxies
/// saw. `forwarded` gives the values of `X-Forwarded-For` in their order. `None` when nothing is known of the peer.
///
/// An IPv6 address stands for its network of 64 bits: one customer of a provider has as many addresses as they like.
pub fn client_address<'a>(
    peer: Option<IpAddr>,
    forwarded: impl DoubleEndedIterator<Item = &'a str>,
    trusted_proxies: usize,
) -> Option<IpAddr> {
    // Entries left of what the outermost trusted proxy appended were sent by the client.
    let entries = forwarded.rev().flat_map(|value| value.rsplit(',')).map(str::trim);
    let seen = if trusted_proxies > 0 { entries.take(trusted_proxies).last().and_then(parse) } else { None };
    seen.or(peer).map(network)
}

/// `1.2.3.4`, `1.2.3.4:80`, `::1`, `[::1]` or `[::1]:80`.
fn parse(entry: &str) -> Option<IpAddr> {
    let bare = entry.trim_start_matches('[').trim_end_matches(']');
    bare.parse().ok().or_else(|| entry.parse::<SocketAddr>().ok().map(|address| address.ip()))
}

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
        let peer = Some("10.0.0.1".parse().unwrap());
        let values = ["6.6.6.6, 1.2.3.4", "[2001:db8::7:8:9:a]:443"];
        for (proxies, want) in [(0, "10.0.0.1"), (1, "2001:db8::"), (2, "1.2.3.4"), (3, "6.6.6.6"), (9, "6.6.6.6")] {
            let got = client_address(peer, values.into_iter(), proxies).unwrap();
            assert_eq!(got, want.parse::<IpAddr>().unwrap(), "{proxies} proxies");
        }
        assert_eq!(client_address(peer, ["unknown"].into_iter(), 1), peer);
        assert_eq!(client_address(None, [].into_iter(), 1), None);
    }
}
