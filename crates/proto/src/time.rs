//! Instants on the wire.

use jiff::Timestamp;
use parvis_kernel::{Error, Result, reason::Expected};

/// An instant for the wire.
pub fn to_proto_time(at: Timestamp) -> prost_types::Timestamp {
    prost_types::Timestamp { seconds: at.as_second(), nanos: at.subsec_nanosecond() }
}

/// An instant from the wire, to the microsecond; `field` names it in the error.
pub fn from_proto_time(at: Option<&prost_types::Timestamp>, field: &str) -> Result<Option<Timestamp>> {
    let Some(at) = at else { return Ok(None) };
    Timestamp::new(at.seconds, at.nanos)
        .map(|at| Some(parvis_kernel::clock::to_micros(at)))
        .map_err(|_| Error::wrong(field, Expected::Instant, "not an instant between the years -9999 and 9999"))
}
