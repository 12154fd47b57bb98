//! What every crate of Parvis shares and nothing more: ids, time, who calls, errors, pages.
//!
//! No I/O, no async runtime, no transport: this crate is the bottom of the dependency graph.

pub mod caller;
pub mod channel;
pub mod clock;
pub mod dates;
pub mod error;
pub mod ids;
pub mod languages;
pub mod notices;
pub mod page;
pub mod policy;
pub mod reason;
pub mod reference;
pub mod role;
pub mod tenant;
pub mod text;
pub mod tracking_code;
pub mod typed;

pub use caller::{Actor, Caller};
pub use channel::{Channel, ContactMode};
pub use clock::{Clock, SettableClock, ShiftedClock, SystemClock};
pub use error::{Error, ErrorKind, FieldViolation, Result};
pub use ids::*;
pub use page::{Page, PageRequest};
pub use reason::{Reason, Refusal};
pub use reference::Reference;
pub use role::{Role, RoleSet};
pub use tenant::TenantId;

pub use jiff::Timestamp;
