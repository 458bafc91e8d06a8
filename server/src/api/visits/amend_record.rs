//! `POST /v1/visits/{visit_id}/amendments`: something is put right after the signature; the original stays.

use axum::extract::State;
use chrono::{DateTime, TimeDelta, Utc};
use entity::enums::OrderState;
use entity::ids::{AccountId, AmendmentId, VisitId};
use entity::visit_amendment;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::step::Act;
use crate::answer::Answer;
use crate::app::App;
use crate::domain::event::EventKind;
use crate::domain::visit_record::is_record_field;
use crate::error::{Error, Result};
use crate::extract::{Id, IdempotencyKey, May, grants};
use crate::problem::{Code, Problem};
use crate::rules::RuleBook;
use crate::wire::{Moment, Text};
use crate::{once, store};

/// Fields of one amendment.
const MOST: usize = 20;

/// What is put right.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAmendment {
    /// Why.
    #[schema(inline, example = "体温漏记")]
    pub reason: Text<1, 500>,
    /// 1 to 20 fields with what should stand there.
    #[schema(min_items = 1, max_items = 20)]
    pub fields: Vec<AmendedField>,
    /// When, by the device.
    pub device_at: Option<Moment>,
}

/// A field with what should stand there.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AmendedField {
    /// Path in the record: `note`, or something below `items_done`, `vitals`, `consumables` or `forms`.
    #[schema(inline, example = "vitals.temperature")]
    pub field: Text<1, 100>,
    /// What should stand there.
    #[schema(inline, example = "37.2 ℃")]
    pub value: Text<1, 2000>,
}

/// An amendment of a signed record.
#[derive(Debug, Serialize, ToSchema)]
pub struct Amendment {
    /// The amendment.
    pub id: AmendmentId,
    /// Who wrote it.
    pub author: AccountId,
    /// Why.
    pub reason: String,
    /// What should stand where.
    pub fields: Vec<AmendedField>,
    /// Written long after the visit; the hours are a rule.
    pub late: bool,
    /// When.
    pub at: DateTime<Utc>,
}

impl Amendment {
    pub(super) fn of(app: &App, row: &visit_amendment::Model) -> Result<Self> {
        let (reason, fields) = store::record::open_amendment(app, row)?;
        Ok(Self {
            id: row.id,
            author: row.author,
            reason,
            fields: serde_json::from_str(&fields).map_err(Error::internal)?,
            late: row.late,
            at: row.at,
        })
    }
}

/// Amend a signed record.
///
/// The original stays as it was signed; `GET /v1/visits/{visit_id}` shows both.
#[utoipa::path(
    post, path = "/v1/visits/{visit_id}/amendments", tag = "visits", request_body = NewAmendment,
    params(("visit_id" = VisitId, Path, description = "A visit of the caller")),
    responses((
        status = 201, description = "Added", body = Amendment,
        headers(("Location" = String, description = "The visit"))
    ))
)]
pub async fn amend_record(
    State(app): State<App>,
    may: May<grants::DoVisits>,
    Id(id): Id<VisitId>,
    request: IdempotencyKey<NewAmendment>,
) -> Result<Answer> {
    once!(app, may, request.key, "amend_record", |tx| {
        let report = &request.body;
        apply(&Act::now(tx, &app, &may, report.device_at), id, report).await
    })
}

/// Adds it, as of the act.
pub(crate) async fn apply(act: &Act<'_>, id: VisitId, report: &NewAmendment) -> Result<Answer> {
    use OrderState::{Aborted, Closed, Finished};
    check(report)?;
    let (visit, order) = act.mine(id).await?;
    if !matches!(order.state, Finished | Closed | Aborted) {
        let problem = Problem::new(Code::OrderWrongState);
        return Err(problem.with("state", order.state).into());
    }
    let signature = store::record::signature(&**act.tx, visit.community_id, id).await?;
    let signature = signature.ok_or(Code::RecordUnsigned)?;
    let rules = RuleBook::at(&**act.tx, act.app, visit.community_id, act.at)
        .await?
        .record_forms;
    let ended = visit.finished_at.unwrap_or(signature.signed_at);
    let late = act.at > ended + TimeDelta::hours(i64::from(rules.late_after_h));
    let fields = serde_json::to_string(&report.fields).map_err(Error::internal)?;
    let row = store::record::NewAmendment {
        visit: &visit,
        author: act.may.account,
        reason: report.reason.as_str(),
        fields: &fields,
        late,
        at: act.at,
    };
    let row = store::record::amend(act.tx, act.app, row).await?;
    let names: Vec<_> = report.fields.iter().map(|one| one.field.as_str()).collect();
    let payload = json!({ "amendment_id": row.id, "fields": names, "late": late });
    let kind = EventKind::VisitAmended;
    act.leave_event(kind, (&visit, &order), None, payload)
        .await?;
    Answer::created(format!("/v1/visits/{id}"), &Amendment::of(act.app, &row)?)
}

fn check(report: &NewAmendment) -> Result<()> {
    if !(1..=MOST).contains(&report.fields.len()) {
        let params = vec![("reason", format!("1..={MOST}"))];
        let problem = Problem::new(Code::InvalidRequest);
        return Err(problem
            .field_with("fields", Code::FieldInvalid, params)
            .into());
    }
    for (index, one) in report.fields.iter().enumerate() {
        if !is_record_field(one.field.as_str()) {
            let params = vec![("name", one.field.as_str().to_owned())];
            let path = format!("fields[{index}].field");
            let problem = Problem::new(Code::InvalidRequest);
            return Err(problem.field_with(path, Code::FieldUnknown, params).into());
        }
    }
    Ok(())
}
