//! The role over SQLite and PostgreSQL: each test runs on both.

mod articles;
mod closed;
mod fiches;
mod finding;
mod world;
