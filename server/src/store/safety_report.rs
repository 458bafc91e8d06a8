//! Reports of harm and of mishaps.

use chrono::{DateTime, Utc};
use entity::enums::{HarmSeverity, ReportSort, ReportState};
use entity::ids::{AccountId, CommunityId, SafetyReportId};
use entity::safety_report::{ActiveModel, Column, Entity, Model};
use sea_orm::sea_query::Condition;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, IntoActiveModel, QueryFilter,
    QuerySelect,
};

use super::page::newest;
use super::scope::Scope;
use super::sql;
use crate::app::App;
use crate::crypto::FieldPlace;
use crate::db::Tx;
use crate::domain::harm::Alike;
use crate::error::{Error, Result};
use crate::problem::Code;
use crate::wire::Cursor;

/// Who reads which reports: those of the institutions looked after, and one's own.
#[derive(Clone, Debug)]
pub struct Reader {
    /// Institutions looked after.
    pub scope: Scope,
    /// Reported by oneself.
    pub own: AccountId,
}

/// Stores a report.
pub async fn insert(tx: &Tx, row: Model) -> Result<()> {
    Ok(sql::insert(tx, row).await?)
}

/// Changes a report upon the version read.
pub async fn update(
    tx: &Tx,
    report: &Model,
    change: impl FnOnce(&mut ActiveModel),
) -> Result<Model> {
    let changed = sql::change_read_version!(tx, report, change, Id id)?;
    changed.ok_or_else(|| Code::AlreadySettled.into())
}

/// A report of the community, for the server's own work.
pub async fn in_community(
    db: &impl ConnectionTrait,
    community: CommunityId,
    id: SafetyReportId,
) -> Result<Option<Model>> {
    Ok(Entity::find()
        .filter(Column::CommunityId.eq(community))
        .filter(Column::Id.eq(id))
        .one(db)
        .await?)
}

/// A report of a sort that the caller may read.
pub async fn require(
    db: &impl ConnectionTrait,
    reader: &Reader,
    sort: ReportSort,
    id: SafetyReportId,
) -> Result<Model> {
    Entity::find()
        .filter(readable(reader, sort))
        .filter(Column::Id.eq(id))
        .one(db)
        .await?
        .ok_or_else(|| Code::NotFound.into())
}

/// A report of a sort that the caller may decide on.
pub async fn require_to_handle(
    db: &impl ConnectionTrait,
    scope: &Scope,
    sort: ReportSort,
    id: SafetyReportId,
) -> Result<Model> {
    Entity::find()
        .filter(within(scope, sort))
        .filter(Column::Id.eq(id))
        .one(db)
        .await?
        .ok_or_else(|| Code::NotFound.into())
}

/// Reports of a sort that the caller may read, newest first.
pub async fn list(
    db: &impl ConnectionTrait,
    reader: &Reader,
    sort: ReportSort,
    state: Option<ReportState>,
    cursor: &Cursor,
) -> Result<Vec<Model>> {
    let condition = readable(reader, sort).add_option(state.map(|state| Column::State.eq(state)));
    newest(db, Entity::find().filter(condition), Column::Id, cursor).await
}

fn institutions(scope: &Scope) -> sea_orm::sea_query::SimpleExpr {
    Column::InstitutionId.is_in(scope.institutions.iter().map(|id| id.0))
}

fn within(scope: &Scope, sort: ReportSort) -> Condition {
    Condition::all()
        .add(Column::CommunityId.eq(scope.community))
        .add(Column::Sort.eq(sort))
        .add(institutions(scope))
}

fn readable(reader: &Reader, sort: ReportSort) -> Condition {
    let any = Condition::any()
        .add(institutions(&reader.scope))
        .add(Column::ReportedBy.eq(reader.own));
    Condition::all()
        .add(Column::CommunityId.eq(reader.scope.community))
        .add(Column::Sort.eq(sort))
        .add(any)
}

#[derive(FromQueryResult)]
struct Row {
    kind: String,
    tube: Option<String>,
    severity: HarmSeverity,
    near_miss: bool,
    reported_late: bool,
    state: ReportState,
    count: i64,
}

/// Adverse events that occurred in a period at the caller's institutions, those alike together.
pub async fn alike(
    db: &impl ConnectionTrait,
    scope: &Scope,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Result<Vec<Alike>> {
    let columns = [
        Column::Kind,
        Column::Tube,
        Column::Severity,
        Column::NearMiss,
        Column::ReportedLate,
        Column::State,
    ];
    let mut query = Entity::find().select_only();
    for column in columns {
        query = query.column(column).group_by(column);
    }
    let rows = query
        .column_as(Column::Id.count(), "count")
        .filter(within(scope, ReportSort::AdverseEvent))
        .filter(Column::OccurredAt.gte(from))
        .filter(Column::OccurredAt.lt(to))
        .into_model::<Row>()
        .all(db)
        .await?;
    let one = |row: Row| Alike {
        kind: row.kind,
        tube: row.tube,
        severity: row.severity,
        near_miss: row.near_miss,
        late: row.reported_late,
        state: row.state,
        count: row.count,
    };
    Ok(rows.into_iter().map(one).collect())
}

/// Seals one of the texts of a report: `what_enc`, `action_enc`, `finding_enc`.
pub fn seal(app: &App, id: SafetyReportId, column: &'static str, text: &str) -> String {
    app.cipher.seal(place(id, column), text)
}

/// Opens one of the texts.
pub fn open(
    app: &App,
    id: SafetyReportId,
    column: &'static str,
    sealed: Option<&String>,
) -> Result<Option<String>> {
    let opened = sealed.map(|sealed| app.cipher.open(place(id, column), sealed));
    opened.transpose().map_err(Error::internal)
}

fn place(id: SafetyReportId, column: &'static str) -> FieldPlace {
    FieldPlace {
        table: "safety_report",
        column,
        row: id.0,
    }
}
