//! What matching needs to know of nurses. A fixed number of statements, however many nurses.

mod rows;

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use entity::ids::{CommunityId, InstitutionId, NurseId, OrderId, PatientId};
use sea_orm::sea_query::Value;
use sea_orm::{ConnectionTrait, FromQueryResult};

use super::sql;
use crate::error::{Error, Result};

pub use rows::{CertificateRow, DutyRow, LeaveRow, NurseRow, PatientRow, VisitRow};

/// Whose facts to load.
#[derive(Clone, Copy, Debug)]
pub enum Whom<'a> {
    /// Every nurse of the community.
    Everybody,
    /// These.
    These(&'a [NurseId]),
}

impl Whom<'_> {
    /// A condition on a column, with its values; places count on from `first`.
    fn condition(self, column: &str, first: usize) -> (String, Vec<Value>) {
        match self {
            Self::Everybody => ("true".to_owned(), Vec::new()),
            Self::These([]) => ("false".to_owned(), Vec::new()),
            Self::These(ids) => (
                format!("{column} IN ({})", sql::places(first, ids.len())),
                ids.iter().map(|id| (*id).into()).collect(),
            ),
        }
    }
}

/// A count of a nurse.
#[derive(Clone, Debug, FromQueryResult)]
struct CountRow {
    nurse_id: NurseId,
    visits: i64,
}

#[derive(Clone, Debug, FromQueryResult)]
struct LastRow {
    nurse_id: NurseId,
    last: Option<DateTime<Utc>>,
}

#[derive(Clone, Debug, FromQueryResult)]
struct ClosedRow {
    institution_id: InstitutionId,
    item_code: String,
    open: bool,
}

/// The patient of an order.
pub async fn patient(
    db: &impl ConnectionTrait,
    community: CommunityId,
    id: PatientId,
) -> Result<PatientRow> {
    sql::one(
        db,
        "SELECT sex, same_sex_nurse, same_sex_since FROM patient WHERE community_id = $1 AND id = $2",
        [community.into(), id.into()],
    )
    .await?
    .ok_or_else(|| Error::internal("an order without its patient"))
}

#[derive(FromQueryResult)]
struct ItemRow {
    item_code: String,
}

/// The items of an order, in its order.
pub async fn item_codes(
    db: &impl ConnectionTrait,
    community: CommunityId,
    order: OrderId,
) -> Result<Vec<String>> {
    let rows = sql::all::<ItemRow>(
        db,
        "SELECT item_code FROM order_item WHERE community_id = $1 AND order_id = $2 ORDER BY position",
        [community.into(), order.into()],
    )
    .await?;
    Ok(rows.into_iter().map(|row| row.item_code).collect())
}

/// For which order, and around which time.
#[derive(Clone, Debug)]
pub struct Question<'a> {
    /// Tenant.
    pub community: CommunityId,
    /// The order whose own visit does not count against a nurse; nil when every visit counts.
    pub order: OrderId,
    /// Its patient.
    pub patient: PatientId,
    /// Its items.
    pub items: &'a [String],
    /// Start of the local day of the visit.
    pub day_start: DateTime<Utc>,
    /// End of that day.
    pub day_end: DateTime<Utc>,
    /// Rest after a night shift: absences are looked for that much further back.
    pub rest: TimeDelta,
    /// Now.
    pub now: DateTime<Utc>,
}

/// Everything the rules ask about a set of nurses.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// The nurses.
    pub nurses: Vec<NurseRow>,
    /// Certificates by nurse.
    pub certificates: BTreeMap<NurseId, Vec<CertificateRow>>,
    /// Duty by nurse.
    pub duty: BTreeMap<NurseId, Vec<DutyRow>>,
    /// Absences around the day by nurse.
    pub leaves: BTreeMap<NurseId, Vec<LeaveRow>>,
    /// Visits around the day by nurse.
    pub visits: BTreeMap<NurseId, Vec<VisitRow>>,
    /// Items that an institution has opened or closed against the catalogue.
    pub decided: BTreeMap<(InstitutionId, String), bool>,
}

/// What was, as far as it says whom to ask first; no rule asks it.
#[derive(Clone, Debug, Default)]
pub struct History {
    /// Visits of the last 30 days and planned ones, by nurse.
    pub load: BTreeMap<NurseId, i64>,
    /// Last finished visit to this patient, by nurse.
    pub last_visit: BTreeMap<NurseId, DateTime<Utc>>,
    /// Finished visits with one of these items in a year, by nurse.
    pub item_visits: BTreeMap<NurseId, i64>,
}

/// Loads the facts: six statements.
pub async fn load(
    db: &impl ConnectionTrait,
    question: &Question<'_>,
    whom: Whom<'_>,
) -> Result<Facts> {
    Ok(Facts {
        nurses: nurses(db, question, whom).await?,
        certificates: by_nurse(certificates(db, question, whom).await?, |row| row.nurse_id),
        duty: by_nurse(duty(db, question, whom).await?, |row| row.nurse_id),
        leaves: by_nurse(leaves(db, question, whom).await?, |row| row.nurse_id),
        visits: by_nurse(visits(db, question, whom).await?, |row| row.nurse_id),
        decided: decided(db, question).await?,
    })
}

/// Reads again what may have changed about these nurses since their facts were loaded: account, papers, pairs kept apart,
/// leave, visits, closed items. Five statements.
pub async fn renew(
    db: &impl ConnectionTrait,
    question: &Question<'_>,
    whom: Whom<'_>,
    facts: &mut Facts,
) -> Result<()> {
    facts.nurses = nurses(db, question, whom).await?;
    facts.certificates = by_nurse(certificates(db, question, whom).await?, |row| row.nurse_id);
    facts.leaves = by_nurse(leaves(db, question, whom).await?, |row| row.nurse_id);
    facts.visits = by_nurse(visits(db, question, whom).await?, |row| row.nurse_id);
    facts.decided = decided(db, question).await?;
    Ok(())
}

/// Loads the history: three statements.
pub async fn history(
    db: &impl ConnectionTrait,
    question: &Question<'_>,
    whom: Whom<'_>,
) -> Result<History> {
    Ok(History {
        load: load_of_month(db, question, whom).await?,
        last_visit: last_visits(db, question).await?,
        item_visits: item_visits(db, question, whom).await?,
    })
}

fn by_nurse<R>(rows: Vec<R>, nurse: impl Fn(&R) -> NurseId) -> BTreeMap<NurseId, Vec<R>> {
    let mut map: BTreeMap<NurseId, Vec<R>> = BTreeMap::new();
    for row in rows {
        map.entry(nurse(&row)).or_default().push(row);
    }
    map
}

/// Runs a query whose first values are given and whose last condition is about nurses.
async fn of<R: FromQueryResult>(
    db: &impl ConnectionTrait,
    sql: &str,
    column: &str,
    mut values: Vec<Value>,
    whom: Whom<'_>,
) -> Result<Vec<R>> {
    let (condition, more) = whom.condition(column, values.len() + 1);
    values.extend(more);
    Ok(sql::all(db, sql.replace("{nurses}", &condition), values).await?)
}

async fn nurses(
    db: &impl ConnectionTrait,
    q: &Question<'_>,
    whom: Whom<'_>,
) -> Result<Vec<NurseRow>> {
    let sql = "SELECT n.id, n.institution_id, n.account_id, n.name_enc, n.active, a.status AS account_status, n.sex,
            n.title, n.licence_from, n.licence_to, n.practice_since, n.training_passed_on, n.health_cert_to,
            n.accident_insurance_to, n.liability_insurance_to, n.base_lng, n.base_lat,
            i.lng AS institution_lng, i.lat AS institution_lat, n.service_radius_m, n.daily_cap,
            EXISTS (SELECT 1 FROM nurse_refusal r WHERE r.community_id = n.community_id AND r.patient_id = $2
                AND r.nurse_id = n.id) AS apart
        FROM nurse n
        JOIN institution i ON i.community_id = n.community_id AND i.id = n.institution_id
        LEFT JOIN account a ON a.community_id = n.community_id AND a.id = n.account_id
        WHERE n.community_id = $1 AND {nurses}";
    let values = vec![q.community.into(), q.patient.into()];
    of(db, sql, "n.id", values, whom).await
}

async fn certificates(
    db: &impl ConnectionTrait,
    q: &Question<'_>,
    whom: Whom<'_>,
) -> Result<Vec<CertificateRow>> {
    let sql =
        "SELECT nurse_id, kind, valid_from, valid_to, verified_at, revoked_at FROM certification
        WHERE community_id = $1 AND {nurses}";
    of(db, sql, "nurse_id", vec![q.community.into()], whom).await
}

async fn duty(db: &impl ConnectionTrait, q: &Question<'_>, whom: Whom<'_>) -> Result<Vec<DutyRow>> {
    let sql = "SELECT nurse_id, weekday, start_min, end_min FROM nurse_duty WHERE community_id = $1 AND {nurses}";
    of(db, sql, "nurse_id", vec![q.community.into()], whom).await
}

/// Absences that touch the day, or after whose end the rest may reach into the day or the one before, in which a drive may begin.
async fn leaves(
    db: &impl ConnectionTrait,
    q: &Question<'_>,
    whom: Whom<'_>,
) -> Result<Vec<LeaveRow>> {
    let sql = "SELECT nurse_id, kind, starts_at, ends_at FROM nurse_leave
        WHERE community_id = $1 AND ends_at > $2 AND starts_at < $3 AND {nurses}";
    let day = TimeDelta::days(1);
    let values = vec![
        q.community.into(),
        (q.day_start - day - q.rest).into(),
        (q.day_end + day).into(),
    ];
    of(db, sql, "nurse_id", values, whom).await
}

/// Visits around the day: those still to be done, and those done that day, after which a drive may start.
async fn visits(
    db: &impl ConnectionTrait,
    q: &Question<'_>,
    whom: Whom<'_>,
) -> Result<Vec<VisitRow>> {
    let sql = "SELECT v.nurse_id, v.order_id, v.starts_at, v.ends_at, v.busy_from, v.busy_to, v.live, o.lng, o.lat
        FROM visit v JOIN care_order o ON o.community_id = v.community_id AND o.id = v.order_id
        WHERE v.community_id = $1 AND v.busy_to > $2 AND v.busy_from < $3 AND v.order_id <> $4
          AND (v.live OR v.finished_at IS NOT NULL) AND {nurses}";
    let day = TimeDelta::days(1);
    let values = vec![
        q.community.into(),
        (q.day_start - day).into(),
        (q.day_end + day).into(),
        q.order.into(),
    ];
    of(db, sql, "v.nurse_id", values, whom).await
}

async fn decided(
    db: &impl ConnectionTrait,
    q: &Question<'_>,
) -> Result<BTreeMap<(InstitutionId, String), bool>> {
    let mut values: Vec<Value> = vec![q.community.into()];
    values.extend(q.items.iter().map(|item| item.as_str().into()));
    let sql = format!(
        "SELECT institution_id, item_code, open FROM institution_item WHERE community_id = $1 AND item_code IN ({})",
        sql::places(2, q.items.len())
    );
    let rows = sql::all::<ClosedRow>(db, sql, values).await?;
    Ok(rows
        .into_iter()
        .map(|row| ((row.institution_id, row.item_code), row.open))
        .collect())
}

async fn load_of_month(
    db: &impl ConnectionTrait,
    q: &Question<'_>,
    whom: Whom<'_>,
) -> Result<BTreeMap<NurseId, i64>> {
    let sql = "SELECT nurse_id, COUNT(*) AS visits FROM visit
        WHERE community_id = $1 AND busy_to > $2 AND (live OR finished_at IS NOT NULL) AND {nurses} GROUP BY nurse_id";
    let since = q.now - TimeDelta::days(30);
    let rows: Vec<CountRow> = of(
        db,
        sql,
        "nurse_id",
        vec![q.community.into(), since.into()],
        whom,
    )
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| (row.nurse_id, row.visits))
        .collect())
}

async fn last_visits(
    db: &impl ConnectionTrait,
    q: &Question<'_>,
) -> Result<BTreeMap<NurseId, DateTime<Utc>>> {
    let rows = sql::all::<LastRow>(
        db,
        "SELECT nurse_id, MAX(finished_at) AS last FROM visit
         WHERE community_id = $1 AND patient_id = $2 AND finished_at IS NOT NULL GROUP BY nurse_id",
        [q.community.into(), q.patient.into()],
    )
    .await?;
    Ok(rows
        .into_iter()
        .filter_map(|row| Some((row.nurse_id, row.last?)))
        .collect())
}

async fn item_visits(
    db: &impl ConnectionTrait,
    q: &Question<'_>,
    whom: Whom<'_>,
) -> Result<BTreeMap<NurseId, i64>> {
    let mut values: Vec<Value> = vec![q.community.into(), (q.now - TimeDelta::days(365)).into()];
    values.extend(q.items.iter().map(|item| item.as_str().into()));
    let sql = format!(
        "SELECT v.nurse_id, COUNT(DISTINCT v.id) AS visits FROM visit v
         JOIN order_item i ON i.community_id = v.community_id AND i.order_id = v.order_id
         WHERE v.community_id = $1 AND v.finished_at > $2 AND i.item_code IN ({}) AND {{nurses}}
         GROUP BY v.nurse_id",
        sql::places(3, q.items.len())
    );
    let rows: Vec<CountRow> = of(db, &sql, "v.nurse_id", values, whom).await?;
    Ok(rows
        .into_iter()
        .map(|row| (row.nurse_id, row.visits))
        .collect())
}
