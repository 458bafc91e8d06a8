//! The same nurses in PostGIS, with the certificate in the index.

use std::process::Command;
use std::time::Instant;

use entity::ids::NurseId;
use jiahu::db::Db;
use jiahu::domain::place::Point;
use jiahu::store::sql;
use jiahu_tests::harness::postgres_server;
use sea_orm::{ConnectionTrait, Database, FromQueryResult};

use crate::Result;

/// How PostGIS measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// On the spheroid, in metres: the right order.
    Geography,
    /// In degrees on a plane: less work, but the order is only roughly that of the distances.
    Geometry,
}

/// A nurse and how far she is, in the kind's own unit.
#[derive(Debug, FromQueryResult)]
pub(crate) struct Found {
    pub(crate) nurse_id: NurseId,
    pub(crate) away: f64,
}

impl Kind {
    pub(crate) const ALL: [Self; 2] = [Self::Geography, Self::Geometry];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Geography => "PostGIS geography",
            Self::Geometry => "PostGIS geometry",
        }
    }

    const fn query(self) -> &'static str {
        match self {
            Self::Geography => {
                "SELECT nurse_id, place <-> ST_SetSRID(ST_MakePoint($2, $3), 4326)::geography AS away
                 FROM reach_geography WHERE certificate = $1
                 ORDER BY place <-> ST_SetSRID(ST_MakePoint($2, $3), 4326)::geography LIMIT 10"
            }
            Self::Geometry => {
                "SELECT nurse_id, place <-> ST_SetSRID(ST_MakePoint($2, $3), 4326) AS away
                 FROM reach_geometry WHERE certificate = $1
                 ORDER BY place <-> ST_SetSRID(ST_MakePoint($2, $3), 4326) LIMIT 10"
            }
        }
    }

    /// The nearest ten.
    pub(crate) async fn nearest(
        self,
        db: &Db,
        certificate: &str,
        centre: Point,
    ) -> Result<Vec<Found>> {
        let values = [certificate.into(), centre.lng().into(), centre.lat().into()];
        Ok(sql::all(db.reader(), self.query(), values).await?)
    }

    /// Copies the rows of the service's table into one of this kind.
    pub(crate) async fn fill(self, db: &Db) -> Result<()> {
        let began = Instant::now();
        let (table, cast) = match self {
            Self::Geography => ("reach_geography", "::geography"),
            Self::Geometry => ("reach_geometry", ""),
        };
        for statement in [
            "CREATE EXTENSION IF NOT EXISTS postgis".to_owned(),
            "CREATE EXTENSION IF NOT EXISTS btree_gist".to_owned(),
            format!(
                "CREATE TABLE {table} AS SELECT certificate, nurse_id, radius_m,
                     ST_SetSRID(ST_MakePoint(lng, lat), 4326){cast} AS place FROM nurse_reach"
            ),
            format!("CREATE INDEX {table}_place ON {table} USING gist (certificate, place)"),
            format!("VACUUM (ANALYZE) {table}"),
        ] {
            db.reader().execute_unprepared(&statement).await?;
        }
        eprintln!(
            "bench: {table} after {:.1} s",
            began.elapsed().as_secs_f64()
        );
        Ok(())
    }
}

#[derive(FromQueryResult)]
struct Offered {
    major: i32,
    postgis: bool,
}

/// True when PostGIS can be created on the server; installs it first when told to.
pub(crate) async fn available(install: bool) -> Result<bool> {
    let mut offered = ask().await?;
    if !offered.postgis && install {
        let package = format!("postgresql-{}-postgis-3", offered.major);
        eprintln!("bench: installing {package}");
        let status = Command::new("apt-get")
            .args(["install", "--yes", "--no-install-recommends", &package])
            .env("DEBIAN_FRONTEND", "noninteractive")
            .stdout(std::io::stderr())
            .status()?;
        if !status.success() {
            return Err(format!("apt-get could not install {package}").into());
        }
        offered = ask().await?;
    }
    Ok(offered.postgis)
}

async fn ask() -> Result<Offered> {
    let server = Database::connect(postgres_server()).await?;
    let question = "SELECT current_setting('server_version_num')::int / 10000 AS major,
        EXISTS (SELECT 1 FROM pg_available_extensions WHERE name = 'postgis') AS postgis";
    sql::one(&server, question, [])
        .await?
        .ok_or_else(|| "PostgreSQL says nothing".into())
}
