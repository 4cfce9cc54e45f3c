//! Names of compressions: what a header says, and what the first bytes say.

use http::HeaderMap;
use http::header::CONTENT_ENCODING;

/// How bytes are compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    /// Not at all.
    Identity,
    /// RFC 1952.
    Gzip,
    /// RFC 1950 (zlib), or RFC 1951 (raw), which some clients send under the same name.
    Deflate,
    /// RFC 8878.
    Zstd,
}

impl Encoding {
    /// What `Content-Encoding` says; `Err` with the header's text when it is none of ours.
    pub(crate) fn of_headers(headers: &HeaderMap) -> Result<Self, String> {
        let mut found = Self::Identity;
        for value in headers.get_all(CONTENT_ENCODING) {
            let text = String::from_utf8_lossy(value.as_bytes());
            for name in text.split(',').map(str::trim).filter(|name| !name.is_empty()) {
                let one = Self::of_name(name).ok_or_else(|| name.to_owned())?;
                match (found, one) {
                    (_, Self::Identity) => {}
                    (Self::Identity, _) => found = one,
                    // Two layers have no use here, and each layer is a chance for a bomb.
                    _ => return Err(text.into_owned()),
                }
            }
        }
        Ok(found)
    }

    fn of_name(name: &str) -> Option<Self> {
        Some(match name.to_ascii_lowercase().as_str() {
            "identity" => Self::Identity,
            "gzip" | "x-gzip" => Self::Gzip,
            "deflate" => Self::Deflate,
            "zstd" => Self::Zstd,
            _ => return None,
        })
    }

    /// What the first bytes of a file say. No JSON text begins like any of them.
    pub(crate) fn sniff(bytes: &[u8]) -> Self {
        match bytes {
            [0x1f, 0x8b, 0x08, ..] => Self::Gzip,
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Self::Zstd,
            _ if is_zlib(bytes) => Self::Deflate,
            _ => Self::Identity,
        }
    }

    /// Memory that a decoder itself needs, in bytes.
    pub(crate) fn overhead_bytes(self, zstd_window_log_max: u32) -> u64 {
        match self {
            Self::Identity => 0,
            Self::Gzip | Self::Deflate => 64 << 10,
            Self::Zstd => (1 << zstd_window_log_max.min(40)) + (256 << 10),
        }
    }

    /// The name for messages.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Gzip => "gzip",
            Self::Deflate => "deflate",
            Self::Zstd => "zstd",
        }
    }
}

/// True for a zlib header: method 8, window of at most 32 KiB, the check of RFC 1950, no dictionary.
pub(crate) fn is_zlib(bytes: &[u8]) -> bool {
    match bytes {
        [cmf, flg, ..] => {
            cmf & 0x0f == 8 && cmf >> 4 <= 7 && (u16::from(*cmf) << 8 | u16::from(*flg)) % 31 == 0 && flg & 0x20 == 0
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn headers() {
        for (value, want) in [
            ("gzip", Ok(Encoding::Gzip)),
            ("X-GZIP", Ok(Encoding::Gzip)),
            ("identity", Ok(Encoding::Identity)),
            ("identity, zstd", Ok(Encoding::Zstd)),
            ("", Ok(Encoding::Identity)),
            ("br", Err("br".to_owned())),
            ("gzip, gzip", Err("gzip, gzip".to_owned())),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(CONTENT_ENCODING, value.parse().unwrap());
            assert_eq!(Encoding::of_headers(&headers), want, "{value}");
        }
        assert_eq!(Encoding::of_headers(&HeaderMap::new()), Ok(Encoding::Identity));
    }

    #[test]
    fn first_bytes() {
        for (bytes, want) in [
            (&b"\x1f\x8b\x08\0"[..], Encoding::Gzip),
            (b"\x28\xb5\x2f\xfd\0", Encoding::Zstd),
            (b"\x78\x9c\0", Encoding::Deflate),
            (b"\x78\x01", Encoding::Deflate),
            (b"[{\"type\":4}]", Encoding::Identity),
            (b"{}", Encoding::Identity),
            (b"x", Encoding::Identity),
            (b"", Encoding::Identity),
        ] {
            assert_eq!(Encoding::sniff(bytes), want, "{bytes:?}");
        }
        // Whatever may begin a JSON text is no zlib header.
        for first in *b"[{\"-0123456789tfn \t\r\n\xef" {
            for second in 0..=255 {
                assert!(!is_zlib(&[first, second]) || first == b'8' || first == b'x', "{first} {second}");
            }
        }
    }
}
