//! Health facts on the wire.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::patient::{self as domain, AllergySeverity, HealthRecord};
use crate::error::{Error, Result};
use crate::wire::Text;

/// Name of a substance, diagnosis, or a reaction or note.
pub(super) type FactText = Text<1, 200>;
/// A code.
pub(super) type FactCode = Text<1, 32>;

/// What is known of a patient's health. Lists hold at most 50 entries, each thing once.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HealthFacts {
    /// Allergies and intolerances.
    #[schema(max_items = 50)]
    pub allergies: Vec<Allergy>,
    /// Diagnoses.
    #[schema(max_items = 50)]
    pub diagnoses: Vec<Diagnosis>,
    /// Conditions that screening asks about.
    #[schema(max_items = 50)]
    pub conditions: Vec<HealthCondition>,
}

/// An allergy or intolerance.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Allergy {
    /// To what.
    #[schema(inline, example = "青霉素")]
    pub substance: FactText,
    /// How it showed itself.
    #[schema(inline)]
    pub reaction: Option<FactText>,
    /// How badly.
    pub severity: Option<AllergySeverity>,
}

/// A diagnosis.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Diagnosis {
    /// Code of a classification such as ICD-10.
    #[schema(inline, example = "I63.9")]
    pub code: Option<FactCode>,
    /// In words.
    #[schema(inline, example = "脑梗死")]
    pub text: FactText,
    /// Known since; not before birth, not in the future.
    pub since: Option<NaiveDate>,
}

/// A condition that screening asks about.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HealthCondition {
    /// Code of a condition of the catalogue.
    #[schema(inline, example = "bph")]
    pub code: FactCode,
    /// What else is to be known.
    #[schema(inline)]
    pub note: Option<FactText>,
    /// Present since; not before birth, not in the future.
    pub since: Option<NaiveDate>,
}

impl HealthFacts {
    pub(super) fn into_record(self) -> HealthRecord {
        let text = |text: Option<FactText>| text.map(FactText::into_string);
        let allergies = self.allergies.into_iter().map(|one| domain::Allergy {
            substance: one.substance.into_string(),
            reaction: text(one.reaction),
            severity: one.severity,
        });
        let diagnoses = self.diagnoses.into_iter().map(|one| domain::Diagnosis {
            code: one.code.map(FactCode::into_string),
            text: one.text.into_string(),
            since: one.since,
        });
        let conditions = self.conditions.into_iter().map(|one| domain::Condition {
            code: one.code.into_string(),
            note: text(one.note),
            since: one.since,
        });
        HealthRecord {
            allergies: allergies.collect(),
            diagnoses: diagnoses.collect(),
            conditions: conditions.collect(),
        }
    }

    pub(crate) fn of(record: HealthRecord) -> Result<Self> {
        let allergies = record.allergies.into_iter().map(|one| {
            Ok(Allergy {
                substance: parsed(&one.substance)?,
                reaction: one.reaction.as_deref().map(parsed).transpose()?,
                severity: one.severity,
            })
        });
        let diagnoses = record.diagnoses.into_iter().map(|one| {
            Ok(Diagnosis {
                code: one.code.as_deref().map(parsed).transpose()?,
                text: parsed(&one.text)?,
                since: one.since,
            })
        });
        let conditions = record.conditions.into_iter().map(|one| {
            Ok(HealthCondition {
                code: parsed(&one.code)?,
                note: one.note.as_deref().map(parsed).transpose()?,
                since: one.since,
            })
        });
        Ok(Self {
            allergies: allergies.collect::<Result<_>>()?,
            diagnoses: diagnoses.collect::<Result<_>>()?,
            conditions: conditions.collect::<Result<_>>()?,
        })
    }
}

fn parsed<const MIN: usize, const MAX: usize>(text: &str) -> Result<Text<MIN, MAX>> {
    Text::parse(text).map_err(Error::internal)
}
