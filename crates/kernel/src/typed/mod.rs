//! What people type, read once and the same way at every door and in every file: texts, names, e-mail addresses,
//! telephone numbers, numbers and dates, organisations, streets.
//!
//! Policy. Where the meaning is certain, what was typed is put right; where it is not, it is refused with a reason.
//! What is kept is what was typed, [tidied](tidy); what is compared, sent to or dialled is computed from it. Every
//! reading here is pure and bounded by the length of its input.

pub mod email;
pub mod name;
pub mod number;
pub mod organisation;
pub mod phone;
pub mod street;
pub mod tidy;

pub use tidy::{Lines, one_line, tidy};
