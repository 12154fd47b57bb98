//! Many rows in one statement, many values in one condition.
//!
//! PostgreSQL is given one array a column: the text of the statement is the same for one row and for a thousand, so each
//! connection has it parsed and planned once. With a parameter a value, each number of rows was a text of its own, and
//! reading it cost the server as much as writing the rows. SQLite has no arrays, and takes rows in few sizes
//! ([`pieces`](crate::pieces)).

use parvis_kernel::{Error, Result};
use sea_orm::{
    ActiveModelTrait, ActiveValue, ColumnTrait, ConnectionTrait, DbBackend, EntityName as _, EntityTrait, InsertMany,
    Inserter, IntoActiveModel, Iterable as _, PrimaryKeyTrait, QueryTrait as _, Value,
    sea_query::{
        ArrayType, Expr, ExprTrait as _, InsertStatement, OnConflict, Query, SimpleExpr, extension::postgres::PgFunc,
    },
};

use crate::{db_error, pieces::sizes};

/// Rows to be inserted.
#[must_use = "nothing is written before `write` or `keys`"]
pub struct Rows<A> {
    models: Vec<A>,
    over: Option<OnConflict>,
}

type Column<A> = <<A as ActiveModelTrait>::Entity as EntityTrait>::Column;
type Key<A> = <<<A as ActiveModelTrait>::Entity as EntityTrait>::PrimaryKey as PrimaryKeyTrait>::ValueType;

/// Rows to be inserted, any number of them. All leave the same columns unset, for the database to fill.
pub fn insert<A: ActiveModelTrait>(models: impl IntoIterator<Item = A>) -> Rows<A> {
    Rows { models: models.into_iter().collect(), over: None }
}

impl<A: ActiveModelTrait> Rows<A> {
    /// What to do with those that are there already. No two rows may meet the same one.
    pub fn over(self, conflict: OnConflict) -> Self {
        Self { over: Some(conflict), ..self }
    }

    /// Writes them. Returns how many were written.
    pub async fn write(self, conn: &impl ConnectionTrait) -> Result<u64> {
        let mut written = 0;
        for statement in self.statements(conn.get_database_backend())? {
            written += Inserter::<A>::new(None, statement).exec_without_returning(conn).await.map_err(db_error)?;
        }
        Ok(written)
    }

    /// Writes them. Returns the keys of those that were written.
    pub async fn keys(self, conn: &impl ConnectionTrait) -> Result<Vec<Key<A>>>
    where
        <A::Entity as EntityTrait>::Model: IntoActiveModel<A>,
    {
        let mut keys = Vec::with_capacity(self.models.len());
        for statement in self.statements(conn.get_database_backend())? {
            keys.extend(Inserter::<A>::new(None, statement).exec_with_returning_keys(conn).await.map_err(db_error)?);
        }
        Ok(keys)
    }

    fn statements(self, backend: DbBackend) -> Result<Vec<InsertStatement>> {
        let Self { models, over } = self;
        let mut statements = Vec::new();
        let sizes = sizes(backend, models.len());
        let mut models = models.into_iter();
        for size in sizes {
            let piece = models.by_ref().take(size);
            let mut statement = match backend {
                DbBackend::Postgres => from_arrays(piece)?,
                _ => InsertMany::many(piece).into_query(),
            };
            if let Some(over) = &over {
                statement.on_conflict(over.clone());
            }
            statements.push(statement);
        }
        Ok(statements)
    }
}

/// `INSERT INTO t (…) SELECT … FROM unnest(…)`.
fn from_arrays<A: ActiveModelTrait>(models: impl Iterator<Item = A>) -> Result<InsertStatement> {
    let mut columns: Vec<Array<A>> = Vec::new();
    for (at, mut model) in models.enumerate() {
        if at == 0 {
            columns = Column::<A>::iter().filter(|column| !model.get(*column).is_not_set()).map(Array::new).collect();
        }
        for column in &mut columns {
            column.push(model.take(column.of))?;
        }
    }
    let of: Vec<Column<A>> = columns.iter().map(|column| column.of).collect();
    let (mut selected, mut names, mut arrays) = (Vec::new(), Vec::new(), Vec::new());
    for (at, column) in columns.into_iter().enumerate() {
        names.push(format!("c{at}"));
        arrays.push(array(column.values));
        if column.nullable {
            selected.push(format!("CASE WHEN n{at} THEN NULL ELSE c{at} END"));
            names.push(format!("n{at}"));
            arrays.push(array(column.nulls));
        } else {
            selected.push(format!("c{at}"));
        }
    }
    let given: Vec<String> = (1..=arrays.len()).map(|at| format!("${at}")).collect();
    // The query builder cannot name a table function's columns, so the table follows the last expression.
    let last = selected.pop().unwrap_or_default();
    let last = format!("{last} FROM unnest({}) AS r({})", given.join(", "), names.join(", "));
    let rows =
        Query::select().exprs(selected.into_iter().map(Expr::cust)).expr(Expr::cust_with_values(last, arrays)).take();
    let mut statement = Query::insert();
    statement.into_table(A::Entity::default().table_ref()).columns(of).select_from(rows).map_err(Error::internal)?;
    Ok(statement)
}

/// The values of one column.
struct Array<A: ActiveModelTrait> {
    of: Column<A>,
    nullable: bool,
    values: Vec<Value>,
    /// Whether each is null: the driver's arrays hold no null.
    nulls: Vec<Value>,
}

impl<A: ActiveModelTrait> Array<A> {
    fn new(of: Column<A>) -> Self {
        Self { of, nullable: of.def().is_null(), values: Vec::new(), nulls: Vec::new() }
    }

    fn push(&mut self, value: ActiveValue<Value>) -> Result<()> {
        let value = value.into_value().ok_or_else(|| Error::internal("a row leaves a column unset that others set"))?;
        if !self.nullable {
            self.values.push(value);
            return Ok(());
        }
        let null = value == value.as_null();
        self.nulls.push(null.into());
        self.values.push(if null { value.dummy_value() } else { value });
        Ok(())
    }
}

/// Of values of one type, at least one.
fn array(values: Vec<Value>) -> Value {
    let of = values.first().map_or(ArrayType::Bool, Value::array_type);
    Value::Array(of, Some(Box::new(values)))
}

/// Whether `column` is one of `values`.
pub fn one_of<V: Into<Value>>(
    conn: &impl ConnectionTrait,
    column: impl ColumnTrait,
    values: impl IntoIterator<Item = V>,
) -> SimpleExpr {
    let values: Vec<Value> = values.into_iter().map(Into::into).collect();
    if conn.get_database_backend() != DbBackend::Postgres || values.is_empty() {
        return column.is_in(values);
    }
    Expr::col(column.as_column_ref()).eq(PgFunc::any(array(values)))
}
