//! SQL written once for two databases.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend};

/// Token, its SQLite text, its PostgreSQL text. SQLite tables are `STRICT`: a wrong type is an error there too.
const TOKENS: &[(&str, &str, &str)] = &[
    ("{uuid}", "BLOB", "uuid"),
    ("{ts}", "TEXT", "timestamptz"),
    ("{date}", "TEXT", "date"),
    ("{json}", "TEXT", "jsonb"),
    ("{text}", "TEXT", "text"),
    ("{bool}", "INTEGER", "boolean"),
    ("{int}", "INTEGER", "integer"),
    ("{big}", "INTEGER", "bigint"),
    ("{f64}", "REAL", "double precision"),
    ("{bytes}", "BLOB", "bytea"),
    ("{table}", "STRICT", ""),
    ("{clustered}", "STRICT, WITHOUT ROWID", ""),
];

/// Fills in the tokens for one database.
pub fn fill(backend: DbBackend, template: &str) -> String {
    TOKENS
        .iter()
        .fold(template.to_owned(), |text, (token, sqlite, postgres)| {
            text.replace(
                token,
                if backend == DbBackend::Sqlite {
                    sqlite
                } else {
                    postgres
                },
            )
        })
}

/// Runs statements on either database.
pub async fn run(manager: &SchemaManager<'_>, statements: &[&str]) -> Result<(), DbErr> {
    let connection = manager.get_connection();
    for template in statements {
        connection
            .execute_unprepared(&fill(manager.get_database_backend(), template))
            .await?;
    }
    Ok(())
}

/// Runs statements on one database only.
pub async fn run_on(
    manager: &SchemaManager<'_>,
    backend: DbBackend,
    statements: &[&str],
) -> Result<(), DbErr> {
    if manager.get_database_backend() == backend {
        run(manager, statements).await?;
    }
    Ok(())
}

/// A migration step made of statements for both databases, then those for each alone.
macro_rules! step {
    (both: $both:expr $(, sqlite: $sqlite:expr, postgres: $postgres:expr)? $(,)?) => {
        #[derive(sea_orm_migration::prelude::DeriveMigrationName)]
        pub(crate) struct Migration;

        #[async_trait::async_trait]
        impl sea_orm_migration::prelude::MigrationTrait for Migration {
            fn use_transaction(&self) -> Option<bool> {
                Some(true)
            }

            async fn up(
                &self,
                manager: &sea_orm_migration::prelude::SchemaManager,
            ) -> Result<(), sea_orm_migration::prelude::DbErr> {
                $crate::sql::run(manager, $both).await?;
                $(
                    $crate::sql::run_on(manager, sea_orm_migration::sea_orm::DbBackend::Sqlite, $sqlite).await?;
                    $crate::sql::run_on(manager, sea_orm_migration::sea_orm::DbBackend::Postgres, $postgres).await?;
                )?
                Ok(())
            }
        }
    };
}
pub(crate) use step;
