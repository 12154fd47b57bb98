//! The role over SQLite and PostgreSQL: each test runs on both.

mod attachments;
mod files;
mod filing;
mod world;
