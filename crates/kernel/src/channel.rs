//! How a request came in, and how its author wants to be answered: two different things.

/// A closed set of stable words.
macro_rules! named_enum {
    ($(#[$doc:meta])* $name:ident, $field:literal { $($(#[$vdoc:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[derive(::serde::Serialize, ::serde::Deserialize)]
        pub enum $name {
            $($(#[$vdoc])* #[serde(rename = $text)] $variant),+
        }

        impl $name {
            /// Every value, in the order of the screens.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The stable name, as in files, tokens, JSON and stores.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl ::std::str::FromStr for $name {
            type Err = $crate::Error;
            fn from_str(text: &str) -> Result<Self, $crate::Error> {
                Self::ALL.iter().copied().find(|value| value.as_str() == text).ok_or_else(|| {
                    let known: Vec<_> = Self::ALL.iter().map(|value| value.as_str()).collect();
                    $crate::FieldViolation::not_one_of($field, text, &known).into()
                })
            }
        }
    };
}
pub(crate) use named_enum;

named_enum! {
    /// The door a request came in by.
    Channel, "channel" {
        Web = "web",
        Phone = "phone",
        Counter = "counter",
        Email = "email",
        Letter = "letter",
        Open311 = "open311",
        Api = "api",
        Partner = "partner",
    }
}

named_enum! {
    /// How the citizen wants to be answered.
    ContactMode, "contact_mode" {
        Letter = "letter",
        Phone = "phone",
        Sms = "sms",
        Email = "email",
        /// The follow-up page, opened with the tracking code.
        Portal = "portal",
    }
}
