//! Values that AWS writes as text: open enumerations, and serde through `Display` and `FromStr`.

/// Serialises a type as its `Display` text and reads it with its `FromStr`.
macro_rules! serde_as_text {
    ($name:ty) => {
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

/// An enumeration of texts that AWS may extend: a text that is not listed reads as `Other` and is written back as it was.
macro_rules! open_enum {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident => $text:literal,)+ }) => {
        $(#[$doc])*
        ///
        /// Make one from text with [`From<&str>`]: it gives the listed value where there is one, so that equality holds.
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)+
            /// A value that this version does not know.
            Other(String),
        }

        impl $name {
            /// The text that AWS uses.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $text,)+
                    Self::Other(text) => text,
                }
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                match text {
                    $($text => Self::$variant,)+
                    other => Self::Other(other.to_owned()),
                }
            }
        }

        impl std::str::FromStr for $name {
            type Err = std::convert::Infallible;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Ok(Self::from(text))
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        crate::text::serde_as_text!($name);
    };
}

pub(crate) use {open_enum, serde_as_text};

#[cfg(test)]
mod tests {
    use crate::{InstanceStateName, VpcState};

    #[test]
    fn listed_and_unlisted_values_are_written_as_they_were_read() {
        for text in ["pending", "available", "levitating", ""] {
            let json = format!("{text:?}");
            let state: VpcState = serde_json::from_str(&json).expect("any text reads");
            assert_eq!(state.to_string(), text);
            assert_eq!(serde_json::to_string(&state).expect("writes"), json);
            assert_eq!(matches!(state, VpcState::Other(_)), !matches!(text, "pending" | "available"));
        }
    }

    #[test]
    fn padding_applies() {
        assert_eq!(format!("{:<8}|", InstanceStateName::Running), "running |");
    }

    #[test]
    fn a_number_is_no_state() {
        assert!(serde_json::from_str::<VpcState>("16").is_err());
    }
}
