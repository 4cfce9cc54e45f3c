//! Closed sets of words that the catalog keeps as text.

/// Gives an enum its words: `as_str`, `Display` and `FromStr`.
macro_rules! string_enum {
    ($name:ident { $($variant:ident = $text:literal),+ $(,)? }) => {
        impl $name {
            /// The word that the catalog and JSON have for it.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::StoreError;
            fn from_str(s: &str) -> $crate::Result<Self> {
                match s {
                    $($text => Ok(Self::$variant),)+
                    _ => Err($crate::StoreError::Invalid(format!("not a {}", stringify!($name)))),
                }
            }
        }
    };
}
pub(crate) use string_enum;
