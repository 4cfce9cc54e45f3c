//! The URL of a PostgreSQL catalog.

use std::fmt;
use std::str::FromStr;

use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};
use url::form_urlencoded;

use super::tls::Tls;
use crate::{Result, StoreError};

/// The schema when the URL names none.
const SCHEMA: &str = "playhead";
/// Bytes of a schema's name. PostgreSQL cuts names at 63, and that of the results is longer.
const SCHEMA_BYTES_MAX: usize = 48;

/// A URL such as `postgres://user:password@host/database?sslmode=verify-full`. What it prints has no password.
#[derive(Clone, PartialEq, Eq)]
pub struct CatalogUrl(String);

/// What a URL says.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) config: Config,
    pub(super) tls: Option<Tls>,
    pub(super) schema: String,
    /// Host and port, for errors.
    pub(super) address: String,
}

impl CatalogUrl {
    /// The URL of `text`, which is read when the store is opened.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The URL with its password: never to be printed.
    pub fn with_password(&self) -> &str {
        &self.0
    }

    pub(super) fn place(&self) -> Result<Place> {
        let (base, query) = self.0.split_once('?').unwrap_or((&self.0, ""));
        let (mut ssl_mode, mut root_file, mut schema) = (None, None, SCHEMA.to_owned());
        let mut others = form_urlencoded::Serializer::new(String::new());
        for (key, value) in form_urlencoded::parse(query.as_bytes()) {
            match &*key {
                "sslmode" => ssl_mode = Some(value.into_owned()),
                "sslrootcert" => root_file = Some(value.into_owned().into()),
                "schema" => schema = value.into_owned(),
                _ => drop(others.append_pair(&key, &value)),
            }
        }
        check_schema(&schema)?;
        let (is_url, others) = (["postgres://", "postgresql://"].iter().any(|s| base.starts_with(s)), others.finish());
        // The driver's own message may quote a part of the password.
        let config = Config::from_str(&format!("{base}?{others}")).ok().filter(|c| is_url && !c.get_hosts().is_empty());
        let mut config = config.ok_or_else(|| {
            StoreError::Invalid(
                "catalog_url is like postgres://user:password@host/database?sslmode=verify-full; special characters of \
                 the password are percent-encoded"
                    .into(),
            )
        })?;
        let tls = tls(&mut config, ssl_mode.as_deref(), root_file)?;
        let address = address(&config);
        Ok(Place { config, tls, schema, address })
    }
}

/// Without a mode, a server of this machine is asked without TLS, and any other must prove who it is.
fn tls(config: &mut Config, mode: Option<&str>, root_file: Option<std::path::PathBuf>) -> Result<Option<Tls>> {
    let mode = mode.unwrap_or(if config.get_hosts().iter().all(is_local) { "disable" } else { "verify-full" });
    let (ssl_mode, tls) = match mode {
        "disable" => (SslMode::Disable, None),
        "prefer" => (SslMode::Prefer, Some(Tls::Unchecked)),
        "require" if root_file.is_none() => (SslMode::Require, Some(Tls::Unchecked)),
        "require" | "verify-ca" | "verify-full" => (SslMode::Require, Some(Tls::Checked { root_file })),
        _ => {
            let text = "sslmode of catalog_url is disable, prefer, require, verify-ca or verify-full";
            return Err(StoreError::Invalid(text.into()));
        }
    };
    config.ssl_mode(ssl_mode);
    Ok(tls)
}

fn is_local(host: &Host) -> bool {
    match host {
        Host::Tcp(name) => name == "localhost" || name.parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback()),
        Host::Unix(_) => true,
    }
}

fn address(config: &Config) -> String {
    let host = |host: &Host| match host {
        Host::Tcp(name) => name.clone(),
        Host::Unix(path) => path.display().to_string(),
    };
    let ports: Vec<String> = config.get_ports().iter().map(ToString::to_string).collect();
    let hosts: Vec<String> = config.get_hosts().iter().map(host).collect();
    let port = if ports.is_empty() { "5432".to_owned() } else { ports.join(",") };
    format!("PostgreSQL at {}:{port}", hosts.join(","))
}

fn check_schema(name: &str) -> Result<()> {
    let fits = (1..=SCHEMA_BYTES_MAX).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
        && !name.starts_with("pg_");
    let text = format!("schema of catalog_url is 1 to {SCHEMA_BYTES_MAX} characters of a-z 0-9 _, and not pg_..");
    if fits { Ok(()) } else { Err(StoreError::Invalid(text)) }
}

/// A name as an SQL identifier.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

impl fmt::Display for CatalogUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some((scheme, rest)) = self.0.split_once("://") else { return f.write_str("***") };
        // The last @, because a password may contain one although it should not.
        let (user, place) = rest.rsplit_once('@').unwrap_or(("", rest));
        let (place, query) = place.split_once('?').unwrap_or((place, ""));
        let user = user.split_once(':').map_or_else(|| user.to_owned(), |(name, _)| format!("{name}:***"));
        let at = if user.is_empty() { "" } else { "@" };
        let shown = form_urlencoded::parse(query.as_bytes())
            .map(|(key, value)| if key.contains("password") { format!("{key}=***") } else { format!("{key}={value}") });
        let query = shown.collect::<Vec<_>>().join("&");
        let mark = if query.is_empty() { "" } else { "?" };
        write!(f, "{scheme}://{user}{at}{place}{mark}{query}")
    }
}

impl fmt::Debug for CatalogUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn what_is_printed_has_no_password() {
        for (url, shown) in [
            ("postgres://ann:s3cret@db.example/shop", "postgres://ann:***@db.example/shop"),
            (
                "postgres://ann:s3%40cret@db:6432/shop?sslmode=require",
                "postgres://ann:***@db:6432/shop?sslmode=require",
            ),
            ("postgres://ann:s3@cret@db/shop", "postgres://ann:***@db/shop"),
            ("postgres://ann:s3cret?x@db/shop", "postgres://ann:***@db/shop"),
            ("postgres://db/shop?user=ann&password=s3cret", "postgres://db/shop?user=ann&password=***"),
            ("postgres://ann@db/shop", "postgres://ann@db/shop"),
            ("postgres://db/shop", "postgres://db/shop"),
            ("ann:s3cret@db/shop", "***"),
        ] {
            let url = CatalogUrl::new(url);
            assert_eq!(url.to_string(), shown);
            assert_eq!(format!("{url:?}"), shown);
        }
    }

    #[test]
    fn a_url_says_where_and_how() {
        let place = |url: &str| CatalogUrl::new(url).place().unwrap();
        let it = place("postgres://ann:s3cret@db.example:6432/shop");
        assert_eq!(it.tls, Some(Tls::Checked { root_file: None }), "another machine proves who it is");
        assert_eq!((it.schema.as_str(), it.address.as_str()), ("playhead", "PostgreSQL at db.example:6432"));
        assert_eq!(it.config.get_password(), Some(&b"s3cret"[..]));
        for local in ["localhost", "127.0.0.1", "[::1]", "%2Fvar%2Frun"] {
            assert_eq!(place(&format!("postgres://ann@{local}/shop")).tls, None, "{local}");
        }
        let it = place("postgresql://ann@db/shop?sslmode=require&schema=other&connect_timeout=3");
        assert_eq!((it.tls, it.schema.as_str()), (Some(Tls::Unchecked), "other"));
        let it = place("postgres://ann@db/shop?sslmode=verify-full&sslrootcert=%2Fetc%2Fca.pem");
        assert_eq!(it.tls, Some(Tls::Checked { root_file: Some("/etc/ca.pem".into()) }));
        assert_eq!(it.config.get_ssl_mode(), SslMode::Require);
    }

    #[test]
    fn a_wrong_url_is_refused_without_its_password() {
        for bad in [
            "",
            "postgres://",
            "mysql://ann:s3cret@db/shop",
            "postgres://ann:s3cret?x@db/shop",
            "postgres://ann:s3cret@db:port/shop",
            "postgres://ann:s3cret@db/shop?nonsense=s3cret",
            "postgres://ann:s3cret@db/shop?sslmode=s3cret",
            "postgres://ann:s3cret@db/shop?schema=S3cret",
        ] {
            let error = CatalogUrl::new(bad).place().unwrap_err();
            assert!(matches!(&error, StoreError::Invalid(text) if !text.contains("3cret")), "{bad}: {error}");
        }
    }
}
