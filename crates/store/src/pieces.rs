//! Statements of many rows, in few sizes.
//!
//! A statement of seventeen rows has another text than one of eighteen, and SQLite compiles every text that it has not
//! kept: under load that cost more than the rows. Cut into powers of two, any number of rows is made of a handful of
//! texts, which stay compiled. PostgreSQL is further away: there, fewer statements are worth more.

use sea_orm::{ConnectionTrait, DbBackend};

/// Rows of one statement at most on SQLite: a kept statement takes memory for each of its rows, and larger ones save
/// little.
const SQLITE: usize = 32;
/// The same on PostgreSQL, which binds 65,535 values: no table may have more than 131 columns (casework's `cases`, the
/// widest, has 32).
const POSTGRES: usize = 500;

/// Cuts `rows` into what one statement each writes, or asks for, in order.
pub fn pieces<'a, T, C: ConnectionTrait>(conn: &C, rows: &'a [T]) -> impl Iterator<Item = &'a [T]> + use<'a, T, C> {
    cut(conn.get_database_backend(), rows)
}

fn cut<T>(backend: DbBackend, rows: &[T]) -> impl Iterator<Item = &[T]> {
    let mut left = rows;
    sizes(backend, rows.len()).map(move |size| {
        let (piece, rest) = left.split_at(size);
        left = rest;
        piece
    })
}

/// How many rows each statement takes, of `count` in all.
pub(crate) fn sizes(backend: DbBackend, count: usize) -> impl Iterator<Item = usize> {
    let mut left = count;
    std::iter::from_fn(move || {
        let size = match backend {
            DbBackend::Sqlite => power_of_two(left)?,
            _ => left.min(POSTGRES),
        };
        left -= size;
        (size > 0).then_some(size)
    })
}

/// The largest that is not more than `count`, nor than a statement takes; nothing of nothing.
fn power_of_two(count: usize) -> Option<usize> {
    Some(SQLITE.min(1 << count.checked_ilog2()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sizes(backend: DbBackend, count: usize) -> Vec<usize> {
        let rows: Vec<usize> = (0..count).collect();
        let pieces: Vec<&[usize]> = cut(backend, &rows).collect();
        assert_eq!(pieces.concat(), rows, "every row once, in order");
        pieces.iter().map(|piece| piece.len()).collect()
    }

    #[test]
    fn on_sqlite_any_number_of_rows_is_cut_into_few_sizes() {
        for count in 0..200 {
            let sizes = sizes(DbBackend::Sqlite, count);
            assert!(sizes.iter().all(|size| size.is_power_of_two() && *size <= SQLITE), "{count}: {sizes:?}");
            assert!(sizes.len() <= count / SQLITE + 5, "{count}: {sizes:?}");
        }
    }

    #[test]
    fn on_postgresql_into_as_few_statements_as_it_binds() {
        for (count, expected) in [(0, vec![]), (1, vec![1]), (500, vec![500]), (1201, vec![500, 500, 201])] {
            assert_eq!(sizes(DbBackend::Postgres, count), expected);
        }
    }
}
