//! First assessments on the wire.

use chrono::{DateTime, Utc};
use entity::assessment;
use entity::enums::{AssessmentMode, AssessmentResult, Role};
use entity::ids::{AccountId, AssessmentId, PatientId, VisitId};
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::domain::assessment::{self as rule, MAX_ITEMS, Texts};
use crate::domain::catalogue::{Catalogue, ItemCode};
use crate::error::Result;
use crate::extract::Caller;
use crate::problem::{Code, Problem};
use crate::store;
use crate::store::assessment::AssessmentTexts;
use crate::wire::Text;

/// A text of an assessment.
pub(crate) type AssessmentText = Text<1, 500>;

/// A first assessment.
#[derive(Debug, Serialize, ToSchema)]
pub struct Assessment {
    /// The assessment.
    pub id: AssessmentId,
    /// The patient.
    pub patient_id: PatientId,
    /// How it was made.
    pub mode: AssessmentMode,
    /// The visit it was made on.
    pub visit_id: Option<VisitId>,
    /// Its result.
    pub result: AssessmentResult,
    /// The items it speaks of; the newest that names an item decides about it.
    pub items: Vec<ItemCode>,
    /// Who made it.
    pub assessed_by: AccountId,
    /// When it was made.
    pub assessed_at: DateTime<Utc>,
}

/// A first assessment with its texts.
#[derive(Debug, Serialize, ToSchema)]
pub struct AssessmentWhole {
    /// What stands in lists too.
    #[serde(flatten)]
    pub assessment: Assessment,
    /// Under which conditions.
    pub conditions: Option<String>,
    /// Why not.
    pub reason: Option<String>,
    /// Where to go instead.
    pub advice: Option<String>,
}

impl Assessment {
    pub(crate) fn of(row: &assessment::Model) -> Result<Self> {
        let codes = store::assessment::items(row)?;
        let code = |code| ItemCode::new(code).map_err(crate::error::Error::internal);
        Ok(Self {
            id: row.id,
            patient_id: row.patient_id,
            mode: row.mode,
            visit_id: row.visit_id,
            result: row.result,
            items: codes.into_iter().map(code).collect::<Result<_>>()?,
            assessed_by: row.assessed_by,
            assessed_at: row.assessed_at,
        })
    }
}

impl AssessmentWhole {
    pub(crate) fn of(app: &App, row: &assessment::Model) -> Result<Self> {
        let texts = store::assessment::texts(app, row)?;
        Ok(Self {
            assessment: Assessment::of(row)?,
            conditions: texts.conditions,
            reason: texts.reason,
            advice: texts.advice,
        })
    }
}

/// What an assessor says, as it comes from the wire.
pub(crate) struct Said<'a> {
    pub(crate) result: AssessmentResult,
    pub(crate) items: &'a [ItemCode],
    pub(crate) conditions: Option<&'a AssessmentText>,
    pub(crate) reason: Option<&'a AssessmentText>,
    pub(crate) advice: Option<&'a AssessmentText>,
}

impl Said<'_> {
    /// Checks it against the catalogue; gives the codes and the texts.
    pub(crate) fn check(&self, catalogue: &Catalogue) -> Result<(Vec<String>, AssessmentTexts)> {
        if self.items.is_empty() || self.items.len() > MAX_ITEMS {
            let problem = Problem::new(Code::InvalidRequest);
            let params = vec![("min", "1".to_owned()), ("max", MAX_ITEMS.to_string())];
            return Err(problem
                .field_with("items", Code::NumberRange, params)
                .into());
        }
        for (at, item) in self.items.iter().enumerate() {
            let code = if catalogue.item(item.as_str()).is_none() {
                Code::ItemUnknown
            } else if self.items[..at].contains(item) {
                Code::ItemDuplicate
            } else {
                continue;
            };
            let params = vec![("item", item.to_string())];
            let problem = Problem::new(code).with("item", item);
            return Err(problem
                .field_with(format!("items[{at}]"), code, params)
                .into());
        }
        let texts = Texts {
            conditions: self.conditions.map(Text::as_str),
            reason: self.reason.map(Text::as_str),
            advice: self.advice.map(Text::as_str),
        };
        let wrong = rule::check_texts(self.result, texts);
        if !wrong.is_empty() {
            let all = wrong
                .iter()
                .fold(Problem::new(Code::InvalidRequest), |all, problem| {
                    let name = vec![("name", problem.field.to_owned())];
                    if problem.missing {
                        all.field_with(problem.field, Code::FieldMissing, name)
                    } else {
                        all.field(problem.field, Code::AssessmentField)
                    }
                });
            return Err(all.into());
        }
        let own = |text: Option<&str>| text.map(str::to_owned);
        Ok((
            self.items.iter().map(ToString::to_string).collect(),
            AssessmentTexts {
                conditions: own(texts.conditions),
                reason: own(texts.reason),
                advice: own(texts.advice),
            },
        ))
    }
}

/// Fails unless the configuration lets one of these roles of the caller assess.
pub(crate) fn check_assessor(app: &App, caller: &Caller, as_whom: &[Role]) -> Result<()> {
    let allowed = &app.config.care.assessor_roles;
    let may = as_whom
        .iter()
        .any(|role| allowed.contains(role) && caller.has_any(&[*role]));
    if may {
        Ok(())
    } else {
        Err(Code::AssessorRole.into())
    }
}
