//! The floor's server: axum and sqlx, one statement a request.

use std::time::Duration;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use sea_orm::sqlx::postgres::PgPoolOptions;
use sea_orm::sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous,
};
use sea_orm::sqlx::{self, PgPool, SqlitePool};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::ROWS;
use crate::Result;

/// About as much text as an order has.
pub(super) const NOTE: &str = "换药一次，注意左侧肢体无力；家中有轮椅，门口有台阶三级，停车在村委会门前。\
    请先电话联系家属，家属在县城上班，约二十分钟到家。";

const INSERT: &str = "INSERT INTO floor_row (id, number, note) VALUES ($1, $2, $3)";
const SELECT: &str = "SELECT id, number, note FROM floor_row WHERE id = $1";

#[derive(Serialize, Deserialize)]
struct Row {
    id: Uuid,
    number: i64,
    note: String,
}

/// SQLite has one writer: a pool of one for it waits fairly.
#[derive(Clone)]
enum Store {
    Sqlite {
        readers: SqlitePool,
        writer: SqlitePool,
    },
    Postgres(PgPool),
}

/// Makes the table, fills it, prints the address and serves until killed.
pub(crate) async fn serve(url: &str) -> Result<()> {
    let store = Store::open(url).await?;
    store.fill().await?;
    let routes = Router::new()
        .route("/rows/{id}", get(read))
        .route("/rows", post(insert))
        .with_state(store);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("http://{}", listener.local_addr()?);
    axum::serve(listener, routes).await?;
    Ok(())
}

async fn read(State(store): State<Store>, Path(id): Path<Uuid>) -> Result<Json<Row>, StatusCode> {
    match store.row(id).await {
        Ok(Some(row)) => Ok(Json(row)),
        Ok(None) => Err(StatusCode::NOT_FOUND),
        Err(_) => Err(StatusCode::INTERNAL_SERVER_ERROR),
    }
}

async fn insert(
    State(store): State<Store>,
    Json(row): Json<Row>,
) -> Result<(StatusCode, Json<Row>), StatusCode> {
    match store.insert(&row).await {
        Ok(()) => Ok((StatusCode::CREATED, Json(row))),
        Err(_) => Err(StatusCode::INTERNAL_SERVER_ERROR),
    }
}

impl Store {
    async fn open(url: &str) -> Result<Self> {
        if !url.starts_with("sqlite:") {
            let pool = PgPoolOptions::new()
                .max_connections(16)
                .connect(url)
                .await?;
            return Ok(Self::Postgres(pool));
        }
        let options: SqliteConnectOptions = url.parse()?;
        let options = options
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(Duration::from_secs(10));
        let writer = SqlitePoolOptions::new()
            .max_connections(1)
            .connect_with(options.clone())
            .await?;
        let readers = SqlitePoolOptions::new()
            .max_connections(8)
            .connect_with(options)
            .await?;
        Ok(Self::Sqlite { readers, writer })
    }

    async fn fill(&self) -> Result<()> {
        let table = "CREATE TABLE floor_row (id BYTEA PRIMARY KEY, number BIGINT NOT NULL, note TEXT NOT NULL)";
        let table_pg = "CREATE TABLE floor_row (id UUID PRIMARY KEY, number BIGINT NOT NULL, note TEXT NOT NULL)";
        match self {
            Self::Sqlite { writer, .. } => {
                sqlx::query(table).execute(writer).await?;
                sqlx::query("BEGIN").execute(writer).await?;
                self.fill_rows().await?;
                sqlx::query("COMMIT").execute(writer).await?;
            }
            Self::Postgres(pool) => {
                sqlx::query(table_pg).execute(pool).await?;
                self.fill_rows().await?;
                sqlx::query("VACUUM (ANALYZE) floor_row")
                    .execute(pool)
                    .await?;
            }
        }
        Ok(())
    }

    async fn fill_rows(&self) -> Result<()> {
        for number in 0..ROWS {
            let row = Row {
                id: Uuid::from_u128(number),
                number: 1,
                note: NOTE.to_owned(),
            };
            self.insert(&row).await?;
        }
        Ok(())
    }

    async fn row(&self, id: Uuid) -> sqlx::Result<Option<Row>> {
        let row: Option<(Uuid, i64, String)> = match self {
            Self::Sqlite { readers, .. } => {
                sqlx::query_as(SELECT)
                    .bind(id)
                    .fetch_optional(readers)
                    .await?
            }
            Self::Postgres(pool) => sqlx::query_as(SELECT).bind(id).fetch_optional(pool).await?,
        };
        Ok(row.map(|(id, number, note)| Row { id, number, note }))
    }

    async fn insert(&self, row: &Row) -> sqlx::Result<()> {
        match self {
            Self::Sqlite { writer, .. } => {
                sqlx::query(INSERT)
                    .bind(row.id)
                    .bind(row.number)
                    .bind(&row.note)
                    .execute(writer)
                    .await?;
            }
            Self::Postgres(pool) => {
                sqlx::query(INSERT)
                    .bind(row.id)
                    .bind(row.number)
                    .bind(&row.note)
                    .execute(pool)
                    .await?;
            }
        }
        Ok(())
    }
}
