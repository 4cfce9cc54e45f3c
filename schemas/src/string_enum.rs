//! Enums that are strings in JSON, in SQL and in requests.

/// Gives an enum that derives [`strum::IntoStaticStr`], [`strum::EnumCount`] and [`strum::VariantArray`] its list of
/// values, its text, and with `$expected` a parser whose error names what was expected.
macro_rules! string_enum {
    ($name:ident) => {
        impl $name {
            /// Every value, in order of declaration.
            pub const ALL: [Self; <Self as strum::EnumCount>::COUNT] =
                match <Self as strum::VariantArray>::VARIANTS.first_chunk() {
                    Some(all) => *all,
                    None => unreachable!(),
                };

            /// The value as it stands in JSON.
            pub fn as_str(self) -> &'static str {
                self.into()
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
    ($name:ident, $expected:literal) => {
        $crate::string_enum::string_enum!($name);

        impl std::str::FromStr for $name {
            type Err = $crate::id::IdError;
            fn from_str(s: &str) -> Result<Self, Self::Err> {
                let found = Self::ALL.into_iter().find(|value| value.as_str() == s);
                found.ok_or($crate::id::IdError { expected: $expected })
            }
        }
    };
}

pub(crate) use string_enum;
