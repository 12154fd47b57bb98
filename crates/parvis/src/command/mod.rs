//! One command a file.

pub mod account;
pub mod config;
pub mod deadline;
pub mod demo;
pub mod dlq;
pub mod import;
mod json_lines;
pub mod knowledge;
pub mod migrate;
pub mod outbox;
pub mod probe;
pub mod routing;
pub mod serve;
mod summary;
