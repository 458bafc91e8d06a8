//! `POST /v1/discharges/import`: a list of discharges, all of it or nothing.

use axum::extract::State;
use entity::enums::DischargeSource;
use entity::ids::{DischargeId, InstitutionId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{by, institution};
use crate::answer::Answer;
use crate::app::App;
use crate::domain::calendar::local_date;
use crate::error::Error;
use crate::error::Result;
use crate::extract::{Lang, May, Query, Upload, grants};
use crate::follow_up::{self, Outcome, Seen};
use crate::import;
use crate::import::discharges::{ListFlaw, ListMistake, parse, problem};
use crate::once;
use crate::problem::Problem;
use crate::rules::RuleBook;

/// How to import.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DischargeImportQuery {
    /// Only tell what would happen.
    #[serde(default)]
    pub dry_run: bool,
    /// The institution that discharged. Left out: the only one the caller works for.
    pub institution_id: Option<InstitutionId>,
}

/// What an import did, or would do.
#[derive(Debug, Serialize, ToSchema)]
pub struct DischargeReport {
    /// Nothing was written.
    pub dry_run: bool,
    /// Discharges that are new.
    pub created: usize,
    /// Discharges that were known; a list never alters them.
    pub unchanged: usize,
    /// Every row, in the order of the file.
    pub rows: Vec<DischargeRow>,
}

/// A row that was taken.
#[derive(Debug, Serialize, ToSchema)]
pub struct DischargeRow {
    /// Line in the file, from 1.
    pub line: u32,
    /// The discharge; null when it would be new and nothing was written.
    pub discharge_id: Option<DischargeId>,
    /// What became of it.
    pub outcome: Outcome,
    /// False: no group has the first diagnosis; somebody should look.
    pub diagnosis_known: bool,
}

/// Members that the problem `list_invalid` has besides those of every problem.
#[derive(Debug, Serialize, ToSchema)]
pub struct ListMistakes {
    /// How many mistakes there are.
    #[schema(value_type = usize, required = false)]
    pub count: Option<usize>,
    /// The first 200 of them, in the order of the file.
    #[schema(value_type = Vec<ListMistake>, required = false)]
    pub rows: Option<Vec<ListMistake>>,
}

/// Import a list of discharges.
///
/// A CSV file in UTF-8, or the first visible sheet of an XLSX workbook; at most 5 MiB and 5,000 rows. The first row holds
/// the headings, in Chinese or English, in any order:
///
/// | English | Chinese | needed | holds |
/// |---|---|---|---|
/// | `name` | 姓名 | yes | |
/// | `id_number` | 身份证号 | yes | number of the resident identity card; finds the patient, or registers one |
/// | `phone` | 电话 | | |
/// | `ward` | 科室 | | |
/// | `admitted_on`, `discharged_on` | 入院日期, 出院日期 | yes | dates |
/// | `diagnoses` | 诊断编码 | | ICD-10 codes, the first diagnosis first, with `;` between |
/// | `diagnosis_text` | 诊断 | | |
/// | `conditions` | 随访情况 | | codes of the rules for follow-up, with `;` between |
/// | `doctor` | 主管医生 | | |
/// | `readmission_planned` | 计划再入院 | | 是, 否, yes, no |
///
/// Discharges that are known stay as they are, so the same file again changes nothing. When any row is wrong nothing is
/// imported, and the problem `list_invalid` names the mistakes by line and column (members as in `ListMistakes`).
#[utoipa::path(
    post, path = "/v1/discharges/import", tag = "discharges",
    request_body(description = "The file", content(
        (String = "text/csv"),
        ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    )),
    responses(
        (status = 200, description = "Imported, or what would be", body = DischargeReport),
        (status = 422, description = "Nothing was imported; see rows", body = ListMistakes, content_type = "application/problem+json"),
    )
)]
pub async fn import_discharges(
    State(app): State<App>,
    may: May<grants::ImportDischarges>,
    Lang(language): Lang,
    Query(query): Query<DischargeImportQuery>,
    upload: Upload<{ import::MAX_BYTES }>,
) -> Result<Answer> {
    let rows = import::read(&upload.content_type, upload.bytes).await?;
    let listed = parse(&rows, local_date(app.now()))
        .map_err(|flaws| Error::from(problem(flaws, language)))?;
    let book = RuleBook::current(app.db.reader(), &app, may.community).await?;
    if query.dry_run {
        let db = app.db.reader();
        let institution = institution(db, &may, query.institution_id).await?;
        let by = by(&may, institution, DischargeSource::List);
        let mut told = Vec::with_capacity(listed.len());
        for one in &listed {
            let seen = follow_up::preview(db, &app, &book, &by, &one.told).await;
            told.push((one.line, refusal(seen)?));
        }
        let rows = rows_of(told).map_err(|flaws| Error::from(problem(flaws, language)))?;
        return Answer::ok(&DischargeReport::of(rows, true));
    }
    once!(app, may, upload.key, "import_discharges", |tx| {
        let institution = institution(&**tx, &may, query.institution_id).await?;
        let by = by(&may, institution, DischargeSource::List);
        let mut told = Vec::with_capacity(listed.len());
        for one in &listed {
            let taken = follow_up::take(tx, &app, &book, &by, &one.told).await;
            told.push((one.line, refusal(taken.map(|taken| Seen::from(&taken)))?));
        }
        let rows = rows_of(told).map_err(|flaws| Error::from(problem(flaws, language)))?;
        Answer::ok(&DischargeReport::of(rows, false))
    })
}

/// What a rule says of a row, told with those of the others. A refusal of the database breaks the transaction.
fn refusal(seen: Result<Seen>) -> Result<Result<Seen, Box<Problem>>> {
    match seen {
        Ok(seen) => Ok(Ok(seen)),
        Err(Error::Problem(refused)) => Ok(Err(refused)),
        Err(other) => Err(other),
    }
}

/// The rows that were taken, or what is wrong with the others.
fn rows_of(
    told: Vec<(u32, Result<Seen, Box<Problem>>)>,
) -> Result<Vec<DischargeRow>, Vec<ListFlaw>> {
    let (mut rows, mut flaws) = (Vec::with_capacity(told.len()), Vec::new());
    for (line, seen) in told {
        match seen {
            Ok(seen) => rows.push(DischargeRow {
                line,
                discharge_id: seen.discharge,
                outcome: seen.outcome,
                diagnosis_known: seen.diagnosis_known,
            }),
            Err(refused) => {
                let (code, params) = refused.first();
                flaws.push(ListFlaw {
                    line,
                    column: None,
                    code,
                    params,
                });
            }
        }
    }
    if flaws.is_empty() {
        Ok(rows)
    } else {
        Err(flaws)
    }
}

impl DischargeReport {
    fn of(rows: Vec<DischargeRow>, dry_run: bool) -> Self {
        let count = |wanted| rows.iter().filter(|row| row.outcome == wanted).count();
        Self {
            dry_run,
            created: count(Outcome::Created),
            unchanged: count(Outcome::Unchanged),
            rows,
        }
    }
}
