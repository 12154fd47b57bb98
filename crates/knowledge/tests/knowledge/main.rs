//! The role over SQLite and PostgreSQL: each test runs on both.

mod articles;
mod fiches;
mod finding;
mod world;
