//! The role over SQLite and over PostgreSQL, through its consumers and its service.

mod access;
mod citizen;
mod events;
mod life;
mod lists;
mod property;
mod reading;
mod support;
mod timers;
mod transfers;

pub(crate) use parvis_testkit::on_both;
