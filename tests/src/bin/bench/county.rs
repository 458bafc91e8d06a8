//! Tables to search: the schema of the service, filled with invented nurses in real density. Only what the
//! search reads is filled, so the key to the nurse is dropped.

use std::time::Instant;

use entity::ids::{CommunityId, NurseId};
use jiahu::db::Db;
use jiahu::domain::place::Point;
use jiahu::domain::zorder;
use jiahu_tests::harness::{postgres_server, postgres_url};
use jiahu_tests::measure::China;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use sea_orm::sqlx::{AssertSqlSafe, SqlitePool};
use sea_orm::{ConnectionTrait, Database};
use uuid::Uuid;

use crate::Result;

/// Held by every nurse.
pub(crate) const COMMON: &str = "N5";
/// Held by one nurse in a hundred.
pub(crate) const RARE: &str = "PICC";
/// Longer than China, so that the search is for the nearest wherever they are.
pub(crate) const FAR_M: f64 = 20_000_000.0;
/// Every nurse goes as far.
const RADIUS_M: i64 = 20_000_000;
/// The one tenant.
pub(crate) const COMMUNITY: CommunityId = CommunityId(Uuid::from_u128(1));
/// Rows of one insert: seven places each, and SQLite takes 32,766.
const ROWS: usize = 1_000;

/// A nurse as the search sees her.
pub(crate) struct Nurse {
    id: NurseId,
    base: Point,
    rare: bool,
}

impl Nurse {
    fn rows(&self) -> impl Iterator<Item = (&'static str, &Self)> {
        let rare = self.rare.then_some((RARE, self));
        [(COMMON, self)].into_iter().chain(rare)
    }
}

/// Nurses all over China, in random order.
pub(crate) fn nurses(china: &China, size: usize, seed: u64) -> Vec<Nurse> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    (0..size)
        .map(|number| Nurse {
            id: NurseId(Uuid::from_u128(number as u128)),
            base: china.home(&mut random),
            rare: number % 100 == 0,
        })
        .collect()
}

/// A SQLite file with those nurses, and the directory that removes it.
pub(crate) async fn sqlite(nurses: &[Nurse]) -> Result<(tempfile::TempDir, Db)> {
    let began = Instant::now();
    let directory = tempfile::tempdir()?;
    let file = directory.path().join("bench.db");
    let url = format!("sqlite://{}?mode=rwc", file.display());
    let schema = Database::connect(&url).await?;
    migration::run(&schema).await?;
    schema.close().await?;
    let options = SqliteConnectOptions::new()
        .filename(&file)
        .foreign_keys(false)
        .pragma("synchronous", "OFF")
        .pragma("cache_size", "-500000");
    let pool = SqlitePoolOptions::new()
        .max_connections(1)
        .connect_with(options)
        .await?;
    fill_sqlite(&pool, nurses).await?;
    pool.close().await;
    told("SQLite", nurses.len(), began);
    Ok((directory, Db::connect(&url, 2).await?))
}

async fn fill_sqlite(pool: &SqlitePool, nurses: &[Nurse]) -> Result<()> {
    sea_orm::sqlx::query("BEGIN").execute(pool).await?;
    let rows: Vec<_> = nurses.iter().flat_map(Nurse::rows).collect();
    for some in rows.chunks(ROWS) {
        let places = vec!["(?, ?, ?, ?, ?, ?, ?)"; some.len()].join(", ");
        let insert = format!(
            "INSERT INTO nurse_reach (community_id, certificate, place_key, nurse_id, lng, lat, radius_m)
             VALUES {places}"
        );
        let mut query = sea_orm::sqlx::query(AssertSqlSafe(insert));
        for (certificate, nurse) in some {
            query = query
                .bind(COMMUNITY.0)
                .bind(*certificate)
                .bind(zorder::key(nurse.base))
                .bind(nurse.id.0)
                .bind(nurse.base.lng())
                .bind(nurse.base.lat())
                .bind(RADIUS_M);
        }
        query.execute(pool).await?;
    }
    sea_orm::sqlx::query("COMMIT").execute(pool).await?;
    Ok(())
}

/// A PostgreSQL database with those nurses; [`drop_postgres`] removes it.
pub(crate) async fn postgres(nurses: &[Nurse]) -> Result<Db> {
    let began = Instant::now();
    let name = name(nurses.len());
    let server = Database::connect(postgres_server()).await?;
    server
        .execute_unprepared(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        .await?;
    server
        .execute_unprepared(&format!("CREATE DATABASE {name}"))
        .await?;
    server.close().await?;
    let schema = Database::connect(postgres_url(&name)).await?;
    migration::run(&schema).await?;
    schema.close().await?;
    let db = Db::connect(&postgres_url(&name), 2).await?;
    fill_postgres(&db, nurses).await?;
    told("PostgreSQL", nurses.len(), began);
    Ok(db)
}

async fn fill_postgres(db: &Db, nurses: &[Nurse]) -> Result<()> {
    let drop_key = "ALTER TABLE nurse_reach DROP CONSTRAINT nurse_reach_community_id_nurse_id_fkey";
    db.reader().execute_unprepared(drop_key).await?;
    let pool = db.reader().get_postgres_connection_pool();
    let mut connection = pool.acquire().await?;
    let mut copy = connection
        .copy_in_raw(
            "COPY nurse_reach (community_id, certificate, place_key, nurse_id, lng, lat, radius_m) FROM STDIN",
        )
        .await?;
    let rows: Vec<_> = nurses.iter().flat_map(Nurse::rows).collect();
    for some in rows.chunks(ROWS) {
        let lines = some.iter().map(|(certificate, Nurse { id, base, .. })| {
            let (key, lng, lat) = (zorder::key(*base), base.lng(), base.lat());
            format!("{COMMUNITY}\t{certificate}\t{key}\t{id}\t{lng}\t{lat}\t{RADIUS_M}\n")
        });
        let text: String = lines.collect();
        copy.send(text.into_bytes()).await?;
    }
    copy.finish().await?;
    drop(connection);
    db.reader()
        .execute_unprepared("VACUUM (ANALYZE) nurse_reach")
        .await?;
    Ok(())
}

/// Removes the PostgreSQL database of this many nurses.
pub(crate) async fn drop_postgres(size: usize) -> Result<()> {
    let server = Database::connect(postgres_server()).await?;
    let drop = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", name(size));
    server.execute_unprepared(&drop).await?;
    Ok(())
}

fn name(size: usize) -> String {
    format!("jiahu_bench_{}_{size}", std::process::id())
}

fn told(database: &str, size: usize, began: Instant) {
    eprintln!(
        "bench: {size} nurses in {database} after {:.1} s",
        began.elapsed().as_secs_f64()
    );
}
