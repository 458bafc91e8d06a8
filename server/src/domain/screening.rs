//! Screening of an order: the family's answers and the patient's record against the rules of the items (R6).
//!
//! A hard finding refuses with advice where to go, a soft one sends the order to review. The same judgement runs
//! at booking and again on arrival.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    catalogue::{
        Answer, Catalogue, Contraindication, Item, ItemCode, Listing, PatientRule, Question,
        Severity, Sex,
    },
    rulefile::Bilingual,
};

mod answers;
#[cfg(test)]
mod guide;
#[cfg(test)]
mod tests;

pub use answers::{AnswerProblem, AnswerProblemKind, Answers, AnswersSchema};
pub(super) use answers::{check_answer, has_decimals};
use answers::{check_answers, is_asked};

/// What the nurse does after the screening at the door.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AtTheDoor {
    /// She may begin.
    Begin,
    /// She says first why she may begin all the same, or with which doctor she spoke.
    Acknowledge,
    /// She breaks the visit off.
    BreakOff,
}

/// What follows from a screening at the door: no word of hers outweighs a hard finding.
pub fn at_the_door(outcome: ScreeningOutcome, acknowledged: bool) -> AtTheDoor {
    match (outcome, acknowledged) {
        (ScreeningOutcome::Refused, _) => AtTheDoor::BreakOff,
        (ScreeningOutcome::Review, false) => AtTheDoor::Acknowledge,
        (ScreeningOutcome::Review, true) | (ScreeningOutcome::Clear, _) => AtTheDoor::Begin,
    }
}

/// What is known of a patient before anything is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PatientFacts {
    /// Full years on the day of the visit.
    pub age_years: u16,
    /// Sex.
    pub sex: Sex,
    /// Codes of the conditions on record.
    pub conditions: BTreeSet<String>,
}

/// What kind of rule a finding comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FindingKind {
    /// The answer to a question.
    Question,
    /// A condition on record.
    Condition,
    /// The patient's age or sex.
    PatientRule,
}

/// Which rule a finding comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FindingSource {
    /// Its kind.
    pub kind: FindingKind,
    /// The code of the question, condition or rule.
    pub code: String,
}

/// One thing that stands against a service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Finding {
    /// The item it stands against; absent: every item.
    pub item: Option<ItemCode>,
    /// The rule it comes from.
    pub source: FindingSource,
    /// How strongly.
    pub severity: Severity,
    /// What the family is told.
    pub advice: Bilingual,
}

/// What follows from a screening.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ScreeningOutcome {
    /// Nothing stands against it.
    Clear,
    /// A doctor or coordinator has to look first.
    Review,
    /// Refused, with advice.
    Refused,
}

/// The judgement, kept with the order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Screening {
    /// The version of the catalogue it was judged by.
    pub catalogue_version: u32,
    /// Everything found, general findings first, then item by item.
    pub findings: Vec<Finding>,
}

impl Screening {
    /// What follows: the strongest finding decides.
    pub fn outcome(&self) -> ScreeningOutcome {
        match self.findings.iter().map(|finding| finding.severity).max() {
            None => ScreeningOutcome::Clear,
            Some(Severity::Soft) => ScreeningOutcome::Review,
            Some(Severity::Hard) => ScreeningOutcome::Refused,
        }
    }
}

/// Why an item cannot be booked at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotBookable {
    /// It stands on the negative list (R4); no institution can open it.
    #[error("the item is on the negative list")]
    NegativeListed,
    /// The institution does not offer it (R3).
    #[error("the item is not open")]
    Closed,
}

impl NotBookable {
    /// The stable code of the problem.
    pub fn code(self) -> &'static str {
        match self {
            Self::NegativeListed => "item_negative_listed",
            Self::Closed => "item_closed",
        }
    }
}

/// Whether an item may be booked; `institution_open` is what the institution decided, if it did.
pub fn check_bookable(item: &Item, institution_open: Option<bool>) -> Result<(), NotBookable> {
    if item.listing == Listing::Negative {
        return Err(NotBookable::NegativeListed);
    }
    if institution_open.unwrap_or(item.open) {
        Ok(())
    } else {
        Err(NotBookable::Closed)
    }
}

/// The questions to ask for these items and this patient, each once, general ones first.
pub fn questions<'a>(
    catalogue: &'a Catalogue,
    items: &[&'a Item],
    patient: &PatientFacts,
) -> Vec<&'a Question> {
    let mut asked = all_questions(catalogue, items);
    asked.retain(|question| is_asked(question, patient));
    asked
}

/// Judges the answers and the patient's record. Problems come in the order of the questions' codes.
pub fn judge(
    catalogue: &Catalogue,
    items: &[&Item],
    answers: &Answers,
    patient: &PatientFacts,
) -> Result<Screening, Vec<AnswerProblem>> {
    check_answers(&all_questions(catalogue, items), answers, patient)?;
    let facts = Facts { answers, patient };
    let general = &catalogue.general;
    let mut findings = facts.findings(None, &general.screening, &general.contraindications, &[]);
    for item in items {
        let code = Some(&item.code);
        findings.extend(facts.findings(
            code,
            &item.screening,
            &item.contraindications,
            &item.patient_rules,
        ));
    }
    Ok(Screening {
        catalogue_version: catalogue.version,
        findings,
    })
}

/// What stands hard against these items by the record alone, whatever is answered: for what came onto it after the booking.
pub fn hard_on_record(
    catalogue: &Catalogue,
    items: &[&Item],
    patient: &PatientFacts,
) -> Vec<Finding> {
    let answers = Answers::new();
    let facts = Facts {
        answers: &answers,
        patient,
    };
    let mut found = facts.findings(None, &[], &catalogue.general.contraindications, &[]);
    for item in items {
        let (code, rules) = (Some(&item.code), &item.patient_rules);
        found.extend(facts.findings(code, &[], &item.contraindications, rules));
    }
    found.retain(|finding| finding.severity == Severity::Hard);
    found
}

fn all_questions<'a>(catalogue: &'a Catalogue, items: &[&'a Item]) -> Vec<&'a Question> {
    let mut seen = BTreeSet::new();
    let of_items = items.iter().flat_map(|item| &item.screening);
    let mut all: Vec<_> = catalogue.general.screening.iter().chain(of_items).collect();
    all.retain(|question| seen.insert(&question.code));
    all
}

struct Facts<'a> {
    answers: &'a Answers,
    patient: &'a PatientFacts,
}

impl Facts<'_> {
    fn findings(
        &self,
        item: Option<&ItemCode>,
        questions: &[Question],
        contraindications: &[Contraindication],
        rules: &[PatientRule],
    ) -> Vec<Finding> {
        let finding = |kind, code: &str, severity, advice: &Bilingual| Finding {
            item: item.cloned(),
            source: FindingSource {
                kind,
                code: code.to_owned(),
            },
            severity,
            advice: advice.clone(),
        };
        let mut found = Vec::new();
        for question in questions {
            // An answer counts even when it was not asked of this patient: a stated danger is never dropped.
            let Some(answer) = self.answers.get(question.code.as_str()) else {
                continue;
            };
            for trigger in question
                .triggers
                .iter()
                .filter(|trigger| trigger.when.matches(answer))
            {
                let code = question.code.as_str();
                found.push(finding(
                    FindingKind::Question,
                    code,
                    trigger.severity,
                    &trigger.advice,
                ));
            }
        }
        for entry in contraindications
            .iter()
            .filter(|entry| self.has(entry.condition.as_str()))
        {
            let code = entry.condition.as_str();
            found.push(finding(
                FindingKind::Condition,
                code,
                entry.severity,
                &entry.advice,
            ));
        }
        for rule in rules.iter().filter(|rule| self.applies(rule)) {
            found.push(finding(
                FindingKind::PatientRule,
                rule.code.as_str(),
                rule.severity,
                &rule.advice,
            ));
        }
        found
    }

    fn has(&self, condition: &str) -> bool {
        self.patient.conditions.contains(condition)
    }

    fn applies(&self, rule: &PatientRule) -> bool {
        let PatientFacts { age_years, sex, .. } = *self.patient;
        rule.who
            .as_ref()
            .is_none_or(|audience| audience.includes(age_years, sex))
            && rule
                .condition
                .as_ref()
                .is_none_or(|condition| self.has(condition.as_str()))
            && rule.answered.as_ref().is_none_or(|wanted| {
                self.answers.get(wanted.question.as_str()) == Some(&Answer::YesNo(wanted.equals))
            })
    }
}
