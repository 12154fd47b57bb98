//! Rules, pure: no transport, no database, no clock but a parameter.
//!
//! A request is immutable and kept as it was said, so the contract's message ([`parvis_proto::intake::SubmittedRequest`])
//! is also the domain's record: it is what is stored and what the event carries.

pub mod attachment;
pub mod fingerprint;
pub mod next_step;
pub mod procedure;
pub mod procedures_file;
pub mod search;
pub mod validate;
