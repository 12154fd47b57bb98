//! The database's errors as the kernel's.

use parvis_kernel::Error;
use sea_orm::{DbErr, RuntimeErr, SqlErr};

/// What a caller is told of a database's failure: "unavailable" where trying again may help (connection lost, pool
/// exhausted, SQLite busy, serialisation failure), else "internal" with the source for the log.
pub fn db_error(error: DbErr) -> Error {
    if is_transient(&error) {
        return Error::unavailable("the database does not answer; try again").with_source(error);
    }
    Error::internal(error)
}

/// Whether a unique key refused the row.
pub fn is_unique_violation(error: &DbErr) -> bool {
    matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_)))
}

fn is_transient(error: &DbErr) -> bool {
    match error {
        DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => true,
        DbErr::Exec(RuntimeErr::SqlxError(e)) | DbErr::Query(RuntimeErr::SqlxError(e)) => match e.as_ref() {
            sea_orm::SqlxError::Io(_)
            | sea_orm::SqlxError::Tls(_)
            | sea_orm::SqlxError::PoolTimedOut
            | sea_orm::SqlxError::PoolClosed
            | sea_orm::SqlxError::WorkerCrashed
            | sea_orm::SqlxError::Protocol(_) => true,
            // Class 08 connection, 40 rollback, 53 resources, 57P0x shutdown; 5 and 6 are SQLite busy and locked.
            sea_orm::SqlxError::Database(db) => db.code().is_some_and(|code| {
                let code = code.as_ref();
                ["08", "40", "53", "57P0"].iter().any(|class| code.len() == 5 && code.starts_with(class))
                    || matches!(code, "5" | "6" | "261" | "517")
            }),
            _ => false,
        },
        _ => false,
    }
}
