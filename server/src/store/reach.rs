//! Who is near: one row per nurse and verified certificate, keyed by certificate and a Z-order key of her base
//! point. A search reads a few key ranges; exact distances are computed here. Who sets out from another visit instead is
//! found by the visits of the day.

use chrono::{DateTime, Utc};
use entity::ids::{CommunityId, NurseId};
use entity::nurse;
use sea_orm::sea_query::{LockType, Value};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, QueryFilter, QueryResult,
    QuerySelect,
};

use super::sql;
use crate::db::Tx;
use crate::domain::place::{Point, distance_m};
use crate::domain::zorder;
use crate::error::{Error, Result};

/// Kind that stands for the nurse's licence: every active nurse with a base point has it.
pub const LICENCE: &str = "N5";

/// Ranges of one look-up, as many as [`WITHIN`] has pairs. Fixed, so that its text is and its plan is kept.
const RANGES: usize = 8;
/// Rows read along the curve on either side of a place, to learn how dense it is there. As in [`AROUND`].
const SEEDS: usize = 16;
/// Where widening starts when the curve knows nobody near, metres.
const FIRST_RADIUS_M: f64 = 1_000.0;

/// PostgreSQL keeps one plan for this, whatever the ranges; `OR` or `UNION ALL` it would plan every time.
/// `CROSS JOIN` makes SQLite take the ranges one by one.
const WITHIN: &str = "WITH span (low, high) AS (VALUES
        ($3, $4), ($5, $6), ($7, $8), ($9, $10), ($11, $12), ($13, $14), ($15, $16), ($17, $18))
    SELECT r.nurse_id, r.lng, r.lat, r.radius_m
    FROM span CROSS JOIN nurse_reach r
    WHERE r.community_id = $1 AND r.certificate = $2 AND r.place_key BETWEEN span.low AND span.high";

const AROUND: &str = "SELECT * FROM (
        SELECT nurse_id, lng, lat, radius_m FROM nurse_reach
        WHERE community_id = $1 AND certificate = $2 AND place_key >= $3
        ORDER BY place_key LIMIT 16) AS above
    UNION ALL SELECT * FROM (
        SELECT nurse_id, lng, lat, radius_m FROM nurse_reach
        WHERE community_id = $1 AND certificate = $2 AND place_key < $3
        ORDER BY place_key DESC LIMIT 16) AS below";

/// Done or still to be done, as in the facts of the matching.
const OF_DAY: &str = "SELECT v.nurse_id, o.lng, o.lat, n.service_radius_m
    FROM visit v
    JOIN care_order o ON o.community_id = v.community_id AND o.id = v.order_id
    JOIN nurse n ON n.community_id = v.community_id AND n.id = v.nurse_id
    WHERE v.community_id = $1 AND v.ends_at >= $2 AND v.ends_at <= $3
      AND (v.live OR v.finished_at IS NOT NULL) AND o.lng IS NOT NULL AND n.active";

/// A nurse near a place, who goes that far.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reached {
    /// The nurse.
    pub nurse: NurseId,
    /// Great-circle distance from the place to her base point, or to the visit that she sets out from, metres.
    pub distance_m: f64,
    /// How far she goes, metres; never less than the distance.
    pub radius_m: u32,
}

/// Inclusive key ranges.
type Ranges = Vec<(i64, i64)>;

struct Row {
    nurse: NurseId,
    from: Point,
    radius_m: u32,
}

/// By position: a search reads dozens of rows, and finding columns by name would cost more than the rest.
impl FromQueryResult for Row {
    fn from_query_result(row: &QueryResult, _prefix: &str) -> Result<Self, DbErr> {
        let from = Point::new(row.try_get_by_index(1)?, row.try_get_by_index(2)?);
        let radius_m: i64 = row.try_get_by_index(3)?;
        Ok(Self {
            nurse: row.try_get_by_index(0)?,
            from: from.map_err(|error| DbErr::Type(error.to_string()))?,
            radius_m: u32::try_from(radius_m).map_err(|error| DbErr::Type(error.to_string()))?,
        })
    }
}

#[derive(FromQueryResult)]
struct Stand {
    active: bool,
    base_lng: Option<f64>,
    base_lat: Option<f64>,
}

/// Makes a nurse's rows anew from her record and certificates; call it in the transaction that changed either.
/// Dates are not looked at: the domain judges them for the day of the visit.
pub async fn refresh(tx: &Tx, community: CommunityId, nurse: NurseId) -> Result<()> {
    // The lock puts two changes of one nurse in order: the later one must see the earlier's certificate.
    let base = nurse::Entity::find()
        .select_only()
        .columns([
            nurse::Column::Active,
            nurse::Column::BaseLng,
            nurse::Column::BaseLat,
        ])
        .filter(nurse::Column::CommunityId.eq(community))
        .filter(nurse::Column::Id.eq(nurse))
        .lock(LockType::NoKeyUpdate)
        .into_model::<Stand>()
        .one(&**tx)
        .await?;
    sql::change(
        tx,
        "DELETE FROM nurse_reach WHERE community_id = $1 AND nurse_id = $2",
        [community.into(), nurse.into()],
    )
    .await?;
    let Some(Stand {
        active: true,
        base_lng: Some(lng),
        base_lat: Some(lat),
    }) = base
    else {
        return Ok(());
    };
    let key = zorder::key(Point::new(lng, lat).map_err(Error::internal)?);
    sql::change(
        tx,
        "INSERT INTO nurse_reach (community_id, certificate, place_key, nurse_id, lng, lat, radius_m)
         SELECT n.community_id, held.kind, $3, n.id, n.base_lng, n.base_lat, n.service_radius_m
         FROM nurse n CROSS JOIN (
             SELECT $4 AS kind UNION SELECT kind FROM certification
             WHERE community_id = $1 AND nurse_id = $2 AND verified_at IS NOT NULL AND revoked_at IS NULL
         ) AS held
         WHERE n.community_id = $1 AND n.id = $2",
        [community.into(), nurse.into(), key.into(), LICENCE.into()],
    )
    .await?;
    Ok(())
}

/// Everyone with a certificate within `radius_m` metres who goes that far, nearest first, of equals the
/// smaller id. One statement.
pub async fn within(
    db: &impl ConnectionTrait,
    community: CommunityId,
    certificate: &str,
    centre: Point,
    radius_m: f64,
) -> Result<Vec<Reached>> {
    let ranges = zorder::ranges(centre, radius_m, RANGES);
    let rows = look_up(db, community, certificate, ranges).await?;
    Ok(reached(&rows, centre, radius_m))
}

/// Everyone who may set out from a visit of hers that ends between these two moments, its place within `radius_m` metres, and
/// goes that far; in the order of [`within`]. One statement.
pub async fn from_visits(
    db: &impl ConnectionTrait,
    community: CommunityId,
    (first, last): (DateTime<Utc>, DateTime<Utc>),
    centre: Point,
    radius_m: f64,
) -> Result<Vec<Reached>> {
    let values = [community.into(), first.into(), last.into()];
    let rows = sql::all::<Row>(db, OF_DAY, values).await?;
    Ok(reached(&rows, centre, radius_m))
}

/// The `count` nearest with a certificate who go that far, none beyond `max_m` metres, in the order of
/// [`within`]. Two statements as a rule, a few more where hardly anybody goes that far.
pub async fn nearest(
    db: &impl ConnectionTrait,
    community: CommunityId,
    certificate: &str,
    centre: Point,
    count: usize,
    max_m: f64,
) -> Result<Vec<Reached>> {
    let here = zorder::key(centre);
    let values = [community.into(), certificate.into(), here.into()];
    let mut rows = sql::all::<Row>(db, AROUND, values).await?;
    let seeds = rows.len();
    let known = known(&rows, here);
    let mut radius_m = first_radius(&reached(&rows, centre, max_m), count).min(max_m);
    loop {
        let rest = outside(zorder::ranges(centre, radius_m, RANGES - 1), known);
        rows.truncate(seeds);
        if !rest.is_empty() {
            rows.extend(look_up(db, community, certificate, rest).await?);
        }
        let mut found = reached(&rows, centre, radius_m);
        if found.len() >= count || radius_m >= max_m {
            found.truncate(count);
            return Ok(found);
        }
        radius_m = (radius_m * 2.0).min(max_m);
    }
}

async fn look_up(
    db: &impl ConnectionTrait,
    community: CommunityId,
    certificate: &str,
    ranges: Ranges,
) -> Result<Vec<Row>> {
    let mut values: Vec<Value> = vec![community.into(), certificate.into()];
    // Pairs that are left over hold a range that nothing lies in.
    let padded = ranges.into_iter().chain(std::iter::repeat((0, -1)));
    for (low, high) in padded.take(RANGES) {
        values.extend([Value::from(low), Value::from(high)]);
    }
    Ok(sql::all(db, WITHIN, values).await?)
}

/// The keys between which [`AROUND`] left nobody out, both exclusive. A side that gave less than it was asked
/// for was read to its end.
fn known(rows: &[Row], here: i64) -> (i64, i64) {
    let keys = || rows.iter().map(|row| zorder::key(row.from));
    let (below, above) = (
        keys().filter(|key| *key < here),
        keys().filter(|key| *key >= here),
    );
    let low = if below.clone().count() < SEEDS {
        None
    } else {
        below.min()
    };
    let high = if above.clone().count() < SEEDS {
        None
    } else {
        above.max()
    };
    (low.unwrap_or(i64::MIN), high.unwrap_or(i64::MAX))
}

/// What of the ranges is not known yet; at most one more than there were.
fn outside(ranges: Ranges, (low, high): (i64, i64)) -> Ranges {
    ranges
        .into_iter()
        .flat_map(|(first, last)| [(first, last.min(low)), (first.max(high), last)])
        .filter(|(first, last)| first <= last)
        .collect()
}

/// A radius to start with. The distance of the last one wanted, of those met along the curve, is enough by
/// itself; with fewer met it is stretched as if they lay evenly.
fn first_radius(met: &[Reached], count: usize) -> f64 {
    if let Some(last) = count.checked_sub(1).and_then(|index| met.get(index)) {
        return last.distance_m;
    }
    #[expect(clippy::cast_precision_loss, reason = "a guess of a few people")]
    let stretch = (count as f64 / met.len().max(1) as f64).sqrt();
    let farthest = met.last().map_or(0.0, |last| last.distance_m);
    (farthest * stretch).max(FIRST_RADIUS_M)
}

/// Exact distances of rows, each nurse once, without those too far from the place, nearest first.
fn reached(rows: &[Row], centre: Point, radius_m: f64) -> Vec<Reached> {
    let measured = rows.iter().map(|row| Reached {
        nurse: row.nurse,
        distance_m: distance_m(centre, row.from),
        radius_m: row.radius_m,
    });
    let near =
        |one: &Reached| one.distance_m <= radius_m && one.distance_m <= f64::from(one.radius_m);
    let mut found: Vec<Reached> = measured.filter(near).collect();
    found.sort_unstable_by(|a, b| {
        a.distance_m
            .total_cmp(&b.distance_m)
            .then(a.nurse.cmp(&b.nurse))
    });
    found.dedup_by_key(|one| one.nurse);
    found
}
