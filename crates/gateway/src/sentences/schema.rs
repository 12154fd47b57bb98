//! The codes as the API's document lists them.

use parvis_kernel::{Reason, Refusal};
use utoipa::openapi::schema::{Object, ObjectBuilder, Type};

use super::NO_REASON;

/// Codes of a field.
pub fn schema_of_reasons() -> Object {
    codes(Reason::CODES.iter().copied().chain([NO_REASON]), "bad_format")
}

/// Codes of a call as a whole.
pub fn schema_of_refusals() -> Object {
    codes(Refusal::CODES.iter().copied(), "not_found")
}

fn codes(all: impl Iterator<Item = &'static str>, example: &str) -> Object {
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(all)).examples([example]).build()
}
