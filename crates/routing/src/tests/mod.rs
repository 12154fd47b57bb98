//! The whole role over a real database: every test runs on SQLite and on PostgreSQL.

mod concurrency;
mod contract;
mod directories;
mod events;
mod learning;
mod live;
mod moves;
mod queues;
mod reassignments;
mod rule_sets;
mod transfers;
mod world;

use parvis_testkit::on_both;
