//! `POST /v1/nurses/import`: a roster from a spreadsheet, all of it or nothing.

use axum::extract::State;
use entity::ids::NurseId;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{centre, near};
use crate::answer::Answer;
use crate::app::App;
use crate::domain::calendar::local_date;
use crate::domain::place::Point;
use crate::error::{Error, Result};
use crate::extract::{Lang, May, Query, Upload, grants};
use crate::import::{self, Applied, Outcome, Roster, RosterMistake};
use crate::rules::RuleBook;
use crate::{once, store};

/// How to import.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ImportQuery {
    /// Only tell what would happen.
    #[serde(default)]
    pub dry_run: bool,
    /// Base points far from the community are right.
    #[serde(default)]
    pub confirm_far: bool,
}

/// What an import did, or would do.
#[derive(Debug, Serialize, ToSchema)]
pub struct RosterReport {
    /// Nothing was written.
    pub dry_run: bool,
    /// Nurses who are new.
    pub created: usize,
    /// Nurses of whom something changed.
    pub updated: usize,
    /// Nurses of whom everything was so already.
    pub unchanged: usize,
    /// Every row, in the order of the file.
    pub rows: Vec<RosterRow>,
}

/// A row of a roster that was taken.
#[derive(Debug, Serialize, ToSchema)]
pub struct RosterRow {
    /// Line in the file, from 1.
    pub line: u32,
    /// Staff number.
    pub staff_no: String,
    /// The nurse; null when she would be new and nothing was written.
    pub nurse_id: Option<NurseId>,
    /// What became of the row.
    pub outcome: Outcome,
    /// Fields that changed.
    pub changed: Vec<String>,
}

/// Members that the problem `roster_invalid` has besides those of every problem.
#[derive(Debug, Serialize, ToSchema)]
pub struct RosterMistakes {
    /// How many mistakes there are.
    #[schema(value_type = usize, required = false)]
    pub count: Option<usize>,
    /// The first 200 of them, in the order of the file.
    #[schema(value_type = Vec<RosterMistake>, required = false)]
    pub rows: Option<Vec<RosterMistake>>,
}

/// Import a roster.
///
/// A CSV file in UTF-8, or the first visible sheet of an XLSX workbook; at most 5 MiB and 5,000 rows. The first
/// row holds the headings, in Chinese or English, in any order:
///
/// | English | Chinese | needed | holds |
/// |---|---|---|---|
/// | `institution` | 机构编码 | yes | code of an institution within your scope |
/// | `staff_no` | 工号 | yes | finds the nurse; a new one makes a new nurse |
/// | `name` | 姓名 | yes | |
/// | `sex` | 性别 | yes | 女, 男, female, male |
/// | `title` | 职称 | yes | 护士, 护师, 主管护师, 副主任护师, 主任护师, or as in the API |
/// | `licence_no` | 执业证书编号 | yes | unique |
/// | `licence_from`, `licence_to` | 执业有效期起, 执业有效期止 | yes | dates |
/// | `practice_since` | 临床工作起始日期 | yes | date |
/// | `training_passed_on` | 培训合格日期 | | date |
/// | `health_cert_to` | 健康证有效期至 | | date |
/// | `accident_insurance_no`, `accident_insurance_to` | 意外险保单号, 意外险有效期至 | | number, date |
/// | `liability_insurance_no`, `liability_insurance_to` | 责任险保单号, 责任险有效期至 | | number, date |
/// | `active` | 在岗 | | 是, 否, yes, no; yes for a new nurse |
/// | `base_lng`, `base_lat`, `base_crs` | 常驻点经度, 常驻点纬度, 坐标系 | | all three or none; wgs84, gcj02, bd09 |
/// | `service_radius_m` | 服务半径 | | metres, 500 to 100,000; 10,000 for a new nurse |
/// | `daily_cap` | 每日上限 | | 1 to 20; 6 for a new nurse |
/// | `duty` | 值班时段 | | `1-5 08:00-17:30; 6,7 08:00-12:00`: days of the week from 1 for Monday, then hours; past midnight is two windows. Replaces the whole week |
/// | `certificates` | 专科证书 | | `kind:number:issuer:from:to`, several with `;` between; the column may stand more than once |
///
/// Dates are dates of the spreadsheet, or `2026-03-31`, `2026/3/31`, `2026年3月31日`, `20260331`. A blank cell or
/// a column left out changes nothing. Certificates that are new wait to be verified; ones on the roster are never
/// altered by a file. Nurses who are not in the file stay as they are. The same file again changes nothing.
///
/// When any row is wrong, nothing is imported and the problem `roster_invalid` names every mistake by line and
/// column, conflicts with the roster among them (members as in `RosterMistakes`). A new nurse without `duty` is offered
/// nothing until her windows are set.
#[utoipa::path(
    post, path = "/v1/nurses/import", tag = "nurses",
    request_body(description = "The file", content(
        (String = "text/csv"),
        ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    )),
    responses(
        (status = 200, description = "Imported, or what would be", body = RosterReport),
        (status = 422, description = "Nothing was imported; see rows", body = RosterMistakes, content_type = "application/problem+json"),
    )
)]
pub async fn import_nurses(
    State(app): State<App>,
    may: May<grants::ManageRoster>,
    Lang(language): Lang,
    Query(query): Query<ImportQuery>,
    upload: Upload<{ import::MAX_BYTES }>,
) -> Result<Answer> {
    let refuse = |mistakes| Error::from(import::problem(mistakes, language));
    let rows = import::read(&upload.content_type, upload.bytes).await?;
    let roster = parse(&app, &may, &rows, query.confirm_far).await?;
    if query.dry_run || !roster.mistakes.is_empty() {
        let existing = import::existing(app.db.reader(), &app, may.community, &roster).await?;
        let plan = import::plan(&roster, &existing, &may.scope).map_err(refuse)?;
        return Answer::ok(&RosterReport::of(import::preview(&plan), true));
    }
    once!(app, may, upload.key, "import_nurses", |tx| {
        let existing = import::existing(&**tx, &app, may.community, &roster).await?;
        let plan = import::plan(&roster, &existing, &may.scope).map_err(refuse)?;
        let applied = import::apply(tx, &app, may.community, &plan, may.account).await?;
        Answer::ok(&RosterReport::of(applied, false))
    })
}

/// Checks the rows against catalogue, institutions and the middle of the community.
async fn parse(
    app: &App,
    may: &May<grants::ManageRoster>,
    rows: &[import::Row],
    confirm_far: bool,
) -> Result<Roster> {
    let db = app.db.reader();
    let rules = RuleBook::current(db, app, may.community).await?;
    let kinds = &rules.catalogue.certificate_kinds;
    let centre = centre(app, &may.scope).await?;
    let context = import::Context {
        institutions: store::nurse::institutions_by_code(db, &may.scope).await?,
        known_kind: &|kind| kinds.iter().any(|known| known.code.as_str() == kind),
        near: &|point: Point| {
            if confirm_far {
                Ok(())
            } else {
                near(app, point, centre)
            }
        },
        today: local_date(app.now()),
    };
    Ok(import::parse(rows, &context))
}

impl RosterReport {
    fn of(rows: Vec<Applied>, dry_run: bool) -> Self {
        let count = |wanted| rows.iter().filter(|row| row.outcome == wanted).count();
        Self {
            dry_run,
            created: count(Outcome::Created),
            updated: count(Outcome::Updated),
            unchanged: count(Outcome::Unchanged),
            rows: rows.into_iter().map(RosterRow::from).collect(),
        }
    }
}

impl From<Applied> for RosterRow {
    fn from(row: Applied) -> Self {
        Self {
            line: row.line,
            staff_no: row.staff_no,
            nurse_id: row.nurse,
            outcome: row.outcome,
            changed: row.changed.into_iter().map(str::to_owned).collect(),
        }
    }
}
