//! The nearest ten: the service's search on both databases and PostGIS, side by side.

use std::time::Instant;

use jiahu::db::Db;
use jiahu::domain::place::Point;
use jiahu::store::reach;
use jiahu_tests::measure::{China, Times};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use crate::county::{COMMON, COMMUNITY, FAR_M, RARE};
use crate::postgis::{Found, Kind};
use crate::report::{Measured, Nearest};
use crate::{Args, Result, county, postgis};

/// Searches of one kind before it is the next one's turn.
const BLOCK: usize = 50;
/// Places searched beforehand, to warm caches and to compare the answers.
const WARM: usize = 500;
/// Sphere and spheroid differ by up to half a percent.
const TOLERANCE: f64 = 0.006;

/// All tables of one size.
struct Tables {
    size: usize,
    sqlite: Db,
    postgres: Db,
    postgis: bool,
    _directory: tempfile::TempDir,
}

/// A way to search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Search {
    Sqlite,
    Postgres,
    Postgis(Kind),
}

impl Search {
    const fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
            Self::Postgis(kind) => kind.name(),
        }
    }
}

/// One line of the table.
struct Cell<'a> {
    tables: &'a Tables,
    search: Search,
    certificate: &'static str,
    times: Times,
}

impl Cell<'_> {
    async fn run(&self, centre: Point) -> Result<usize> {
        let (certificate, tables) = (self.certificate, self.tables);
        Ok(match self.search {
            Search::Sqlite => ours(&tables.sqlite, certificate, centre).await?.len(),
            Search::Postgres => ours(&tables.postgres, certificate, centre).await?.len(),
            Search::Postgis(kind) => kind
                .nearest(&tables.postgres, certificate, centre)
                .await?
                .len(),
        })
    }
}

async fn ours(db: &Db, certificate: &str, centre: Point) -> Result<Vec<reach::Reached>> {
    let reader = db.reader();
    Ok(reach::nearest(reader, COMMUNITY, certificate, centre, 10, FAR_M).await?)
}

/// Fills all tables, then searches from the same random homes in all of them, in turns.
pub(crate) async fn measure(args: &Args) -> Result<Nearest> {
    let china = China::load();
    let postgis = postgis::available(args.install_postgis).await?;
    let mut all = Vec::new();
    for &size in &args.sizes {
        all.push(fill(&china, size, args.seed, postgis).await?);
    }
    let mut random = ChaCha8Rng::seed_from_u64(args.seed ^ 0x5eed);
    let warm: Vec<_> = (0..WARM).map(|_| china.home(&mut random)).collect();
    let homes: Vec<_> = (0..args.queries).map(|_| china.home(&mut random)).collect();
    let mut geometry_right = None;
    for tables in &all {
        geometry_right = compare(tables, &warm).await?;
    }
    let mut cells = cells(&all);
    turns(&mut cells, &warm).await?;
    for cell in &mut cells {
        cell.times = Times::default();
    }
    turns(&mut cells, &homes).await?;
    let measured = cells.iter().map(|cell| Measured {
        nurses: cell.tables.size,
        certificate: cell.certificate,
        search: cell.search.name(),
        ours: !matches!(cell.search, Search::Postgis(_)),
        times: cell.times.summary(),
    });
    let measured = measured.collect();
    for tables in all {
        drop(tables.postgres);
        county::drop_postgres(tables.size).await?;
    }
    Ok(Nearest {
        postgis,
        geometry_right,
        measured,
    })
}

async fn fill(china: &China, size: usize, seed: u64, postgis: bool) -> Result<Tables> {
    let nurses = county::nurses(china, size, seed);
    let (directory, sqlite) = county::sqlite(&nurses).await?;
    let postgres = county::postgres(&nurses).await?;
    if postgis {
        for kind in Kind::ALL {
            kind.fill(&postgres).await?;
        }
    }
    Ok(Tables {
        size,
        sqlite,
        postgres,
        postgis,
        _directory: directory,
    })
}

fn cells(all: &[Tables]) -> Vec<Cell<'_>> {
    let mut cells = Vec::new();
    for tables in all {
        for certificate in [COMMON, RARE] {
            let mut searches = vec![Search::Sqlite, Search::Postgres];
            if tables.postgis {
                searches.extend(Kind::ALL.map(Search::Postgis));
            }
            cells.extend(searches.into_iter().map(|search| Cell {
                tables,
                search,
                certificate,
                times: Times::default(),
            }));
        }
    }
    cells
}

/// A block of places in one cell, the same block in the next, and so on: what else happens on the machine
/// hits all of them alike.
async fn turns(cells: &mut [Cell<'_>], homes: &[Point]) -> Result<()> {
    for (turn, block) in homes.chunks(BLOCK).enumerate() {
        let first = turn % cells.len();
        cells.rotate_left(first);
        for cell in cells.iter_mut() {
            for &home in block {
                let began = Instant::now();
                cell.run(home).await?;
                cell.times.push(began.elapsed());
            }
        }
        cells.rotate_right(first);
    }
    Ok(())
}

/// The comparison is worth something only when all find the same. Gives the share of the right ten that a
/// plane in degrees finds, when PostGIS is there.
async fn compare(tables: &Tables, homes: &[Point]) -> Result<Option<f64>> {
    let (mut right, mut all) = (0_u32, 0_u32);
    for (certificate, &home) in [COMMON, RARE]
        .into_iter()
        .flat_map(|c| homes.iter().map(move |h| (c, h)))
    {
        let found = ours(&tables.sqlite, certificate, home).await?;
        if found != ours(&tables.postgres, certificate, home).await? {
            return Err(format!("SQLite and PostgreSQL differ at {home:?}").into());
        }
        if !tables.postgis {
            continue;
        }
        let theirs = Kind::Geography
            .nearest(&tables.postgres, certificate, home)
            .await?;
        if !alike(&found, &theirs) {
            return Err(format!("PostGIS differs at {home:?}: {found:?}, {theirs:?}").into());
        }
        for one in Kind::Geometry
            .nearest(&tables.postgres, certificate, home)
            .await?
        {
            all += 1;
            right += u32::from(found.iter().any(|ours| ours.nurse == one.nurse_id));
        }
    }
    Ok((all > 0).then(|| f64::from(right) / f64::from(all)))
}

fn alike(ours: &[reach::Reached], theirs: &[Found]) -> bool {
    let near = |(a, b): (&reach::Reached, &Found)| {
        (a.distance_m - b.away).abs() <= TOLERANCE * a.distance_m + 1.0
    };
    ours.len() == theirs.len() && ours.iter().zip(theirs).all(near)
}
