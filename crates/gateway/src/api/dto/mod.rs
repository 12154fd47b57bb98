//! The JSON of the API, field by field, and how each is made from a role's message.
//!
//! A type of the contracts is never serialised itself: what partners read must not move when a contract does.

mod accounts;
mod answers;
mod article_drafts;
mod articles;
mod cases;
mod directory;
mod figures;
mod notices;
mod procedures;
mod requests;
mod rules;
mod timeline;
mod work;

pub use accounts::*;
pub use answers::Answers;
pub use article_drafts::*;
pub use articles::*;
pub use cases::*;
pub use directory::*;
pub use figures::*;
pub use notices::*;
pub use procedures::*;
pub use requests::*;
pub use rules::*;
pub use timeline::*;
pub use work::*;

use serde::{Serialize, Serializer};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{KnownFormat, ObjectBuilder, RefOr, Schema, SchemaFormat, schema::Type},
};

/// Makes the JSON's value of a message's.
pub trait Shown<T> {
    /// The value shown.
    fn shown(self) -> T;
}

macro_rules! same {
    ($($ty:ty),+) => { $(impl Shown<$ty> for $ty { fn shown(self) -> $ty { self } })+ };
}
same!(String, u32, u64, f64, bool);

impl<A: Shown<B>, B> Shown<Vec<B>> for Vec<A> {
    fn shown(self) -> Vec<B> {
        self.into_iter().map(Shown::shown).collect()
    }
}

impl<A: Shown<B>, B> Shown<Option<B>> for Option<A> {
    fn shown(self) -> Option<B> {
        self.map(Shown::shown)
    }
}

/// A moment, as RFC 3339 in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Instant(pub parvis_kernel::Timestamp);

impl Shown<Instant> for prost_types::Timestamp {
    fn shown(self) -> Instant {
        let at = parvis_proto::from_proto_time(Some(&self), "at").ok().flatten();
        Instant(at.unwrap_or(parvis_kernel::Timestamp::UNIX_EPOCH))
    }
}

impl Serialize for Instant {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl PartialSchema for Instant {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
            .examples(["2026-11-23T08:30:00Z"])
            .into()
    }
}

impl ToSchema for Instant {
    fn name() -> std::borrow::Cow<'static, str> {
        "Instant".into()
    }
}

/// A JSON object made of a message, field by field.
macro_rules! view {
    ($(#[$meta:meta])* $name:ident of $message:ty { $($(#[$field_meta:meta])* $field:ident: $ty:ty),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, serde::Serialize, utoipa::ToSchema)]
        pub struct $name { $($(#[$field_meta])* pub $field: $ty),+ }

        impl crate::api::dto::Shown<$name> for $message {
            fn shown(self) -> $name {
                $name { $($field: crate::api::dto::Shown::shown(self.$field)),+ }
            }
        }
    };
}
use view;
