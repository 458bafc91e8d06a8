//! Allergies, diagnoses and conditions: what they may say, and what changed between two records.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use entity::enums::HealthFactKind;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{PatientError, Standing};
use crate::domain::catalogue::Catalogue;

/// Most entries of one kind.
pub const MAX_FACTS: usize = 50;

/// How badly an allergy showed itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AllergySeverity {
    /// A rash, itching.
    Mild,
    /// Needed treatment.
    Moderate,
    /// A danger to life.
    Severe,
}

/// An allergy or intolerance. Texts are checked before they get here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Allergy {
    /// To what.
    pub substance: String,
    /// How it showed itself.
    pub reaction: Option<String>,
    /// How badly.
    pub severity: Option<AllergySeverity>,
}

/// A diagnosis.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnosis {
    /// Code of a classification, such as ICD-10 `I63.9`.
    pub code: Option<String>,
    /// In words.
    pub text: String,
    /// Known since.
    pub since: Option<NaiveDate>,
}

/// A condition that screening asks about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Condition {
    /// Its code in the catalogue.
    pub code: String,
    /// What else is to be known.
    pub note: Option<String>,
    /// Present since.
    pub since: Option<NaiveDate>,
}

/// One health fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    /// Allergy or intolerance.
    Allergy(Allergy),
    /// Diagnosis.
    Diagnosis(Diagnosis),
    /// Condition.
    Condition(Condition),
}

impl Fact {
    /// What it is about: the substance, the diagnosis in words, the code of the condition.
    pub fn about(&self) -> &str {
        match self {
            Self::Allergy(fact) => &fact.substance,
            Self::Diagnosis(fact) => &fact.text,
            Self::Condition(fact) => &fact.code,
        }
    }

    /// Its sort.
    pub const fn kind(&self) -> HealthFactKind {
        match self {
            Self::Allergy(_) => HealthFactKind::Allergy,
            Self::Diagnosis(_) => HealthFactKind::Diagnosis,
            Self::Condition(_) => HealthFactKind::Condition,
        }
    }

    /// As JSON text, to be sealed.
    pub fn to_json(&self) -> serde_json::Result<String> {
        match self {
            Self::Allergy(fact) => serde_json::to_string(fact),
            Self::Diagnosis(fact) => serde_json::to_string(fact),
            Self::Condition(fact) => serde_json::to_string(fact),
        }
    }

    /// Back from JSON text.
    pub fn from_json(kind: HealthFactKind, text: &str) -> serde_json::Result<Self> {
        match kind {
            HealthFactKind::Allergy => serde_json::from_str(text).map(Self::Allergy),
            HealthFactKind::Diagnosis => serde_json::from_str(text).map(Self::Diagnosis),
            HealthFactKind::Condition => serde_json::from_str(text).map(Self::Condition),
        }
    }
}

/// Everything known of a patient's health, in the order told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HealthRecord {
    /// Allergies.
    pub allergies: Vec<Allergy>,
    /// Diagnoses.
    pub diagnoses: Vec<Diagnosis>,
    /// Conditions.
    pub conditions: Vec<Condition>,
}

/// What is wrong with an entry of a health record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FactProblem {
    /// More entries of a kind than [`MAX_FACTS`].
    TooMany,
    /// The same entry stands there twice.
    Twice,
    /// The catalogue has no condition with the code of this entry.
    UnknownCondition(usize),
    /// A date that cannot be.
    Date(PatientError),
}

impl HealthRecord {
    /// Every fact.
    pub fn into_facts(self) -> Vec<Fact> {
        let allergies = self.allergies.into_iter().map(Fact::Allergy);
        let diagnoses = self.diagnoses.into_iter().map(Fact::Diagnosis);
        let conditions = self.conditions.into_iter().map(Fact::Condition);
        allergies.chain(diagnoses).chain(conditions).collect()
    }

    /// Collects facts.
    pub fn of(facts: impl IntoIterator<Item = Fact>) -> Self {
        let mut record = Self::default();
        for fact in facts {
            match fact {
                Fact::Allergy(fact) => record.allergies.push(fact),
                Fact::Diagnosis(fact) => record.diagnoses.push(fact),
                Fact::Condition(fact) => record.conditions.push(fact),
            }
        }
        record
    }

    /// Checks a record that shall replace another: every mistake with its path. A condition that is on
    /// record already stays good when a newer catalogue has dropped it.
    pub fn check(
        &self,
        catalogue: &Catalogue,
        on_record: &BTreeSet<String>,
        birth_date: NaiveDate,
        today: NaiveDate,
    ) -> Vec<(String, FactProblem)> {
        let mut found = Vec::new();
        let texts = |texts: Vec<&str>| texts.iter().map(|text| text.to_lowercase()).collect();
        each_once(&mut found, "allergies", texts(self.substances()));
        each_once(&mut found, "diagnoses", texts(self.diagnosis_texts()));
        each_once(&mut found, "conditions", texts(self.condition_codes()));
        for (at, code) in self.condition_codes().iter().enumerate() {
            let known = catalogue
                .conditions
                .iter()
                .any(|c| c.code.as_str() == *code);
            if !known && !on_record.contains(*code) {
                found.push((
                    format!("conditions[{at}].code"),
                    FactProblem::UnknownCondition(at),
                ));
            }
        }
        let diagnoses = self.diagnoses.iter().map(|fact| fact.since).enumerate();
        let conditions = self.conditions.iter().map(|fact| fact.since).enumerate();
        let dates = diagnoses
            .map(|(at, since)| (format!("diagnoses[{at}].since"), since))
            .chain(conditions.map(|(at, since)| (format!("conditions[{at}].since"), since)));
        found.extend(dates.filter_map(|(path, since)| {
            let error = check_since(since?, birth_date, today).err()?;
            Some((path, FactProblem::Date(error)))
        }));
        found
    }

    fn substances(&self) -> Vec<&str> {
        self.allergies
            .iter()
            .map(|fact| fact.substance.as_str())
            .collect()
    }

    fn diagnosis_texts(&self) -> Vec<&str> {
        self.diagnoses
            .iter()
            .map(|fact| fact.text.as_str())
            .collect()
    }

    fn condition_codes(&self) -> Vec<&str> {
        self.conditions
            .iter()
            .map(|fact| fact.code.as_str())
            .collect()
    }
}

fn each_once(found: &mut Vec<(String, FactProblem)>, list: &str, entries: Vec<String>) {
    if entries.len() > MAX_FACTS {
        found.push((list.to_owned(), FactProblem::TooMany));
    }
    let mut seen = BTreeSet::new();
    for (at, entry) in entries.into_iter().enumerate() {
        if !seen.insert(entry) {
            found.push((format!("{list}[{at}]"), FactProblem::Twice));
        }
    }
}

fn check_since(
    date: NaiveDate,
    birth_date: NaiveDate,
    today: NaiveDate,
) -> Result<(), PatientError> {
    if date > today {
        return Err(PatientError::DateLate { date, limit: today });
    }
    if date < birth_date {
        return Err(PatientError::DateEarly {
            date,
            limit: birth_date,
        });
    }
    Ok(())
}

/// What turns one record into another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change<Id> {
    /// Facts that hold no more.
    pub ended: Vec<Id>,
    /// Facts that are new. One whose wording changed ends and begins anew.
    pub added: Vec<Fact>,
}

/// Compares what is on record with what shall be; what stands in both stays untouched.
pub fn changes<Id>(on_record: Vec<(Id, Fact)>, mut wanted: Vec<Fact>) -> Change<Id> {
    let mut ended = Vec::new();
    for (id, fact) in on_record {
        match wanted.iter().position(|one| *one == fact) {
            Some(at) => drop(wanted.remove(at)),
            None => ended.push(id),
        }
    }
    Change {
        ended,
        added: wanted,
    }
}

/// Which of the facts that staff recorded a change would end though it is not made by staff: a family adds to them, and
/// neither takes them back nor words them anew.
pub fn lost_of_staff<Id: Copy + Ord>(
    standing: Standing,
    change: &Change<Id>,
    of_staff: &BTreeSet<Id>,
) -> BTreeSet<Id> {
    if standing == Standing::Staff {
        return BTreeSet::new();
    }
    let ended = change.ended.iter().copied();
    ended.filter(|id| of_staff.contains(id)).collect()
}
