//! The address that a request is counted under.

use std::net::{IpAddr, SocketAddr};

use axum::extract::ConnectInfo;
use http::{Extensions, HeaderMap};
use playhead_access::address;

/// The client's address: the peer's, or what the outermost of `trusted_proxies` reverse proxies saw, as
/// [`address::client_address`] tells it. `None` when the server was started without peer addresses.
pub fn client_address(extensions: &Extensions, headers: &HeaderMap, trusted_proxies: usize) -> Option<IpAddr> {
    let peer = extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
    let forwarded = headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok());
    address::client_address(peer, forwarded, trusted_proxies)
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
