//! One command a file.

pub mod account;
pub mod audit;
pub mod bus;
pub mod config;
pub mod deadline;
pub mod demo;
pub mod dlq;
mod each_store;
pub mod import;
mod json_lines;
pub mod knowledge;
pub mod migrate;
pub mod outbox;
pub mod probe;
pub mod routing;
pub mod serve;
pub mod stand_by;
mod summary;
