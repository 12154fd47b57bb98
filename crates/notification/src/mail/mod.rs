//! E-mail: the message and where it goes.

mod message;
mod outlet;

pub use message::{Envelope, Sender, is_address};
pub use outlet::{Outcome, Outlet, PARALLEL};
