//! A discharge as it is sent.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use entity::enums::{IdKind, Sex};
use entity::ids::NurseId;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::domain::follow_up::{IcdCode, Word};
use crate::domain::identity::IdNumber;
use crate::domain::patient::Papers;
use crate::error::Result;
use crate::follow_up::{Person, Told, Who};
use crate::problem::{Code, Problem};
use crate::wire::{Day, IdNumberText, NameText, PhoneText, Text};

/// Somebody, as the papers say. Birth date and sex may be left out where the id number tells them.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DischargedPerson {
    /// Name as in the document.
    #[schema(inline)]
    pub name: NameText,
    /// Kind of id document.
    pub id_kind: IdKind,
    /// Its number. Left out for newborns only, who must be under one year.
    #[schema(inline)]
    pub id_number: Option<IdNumberText>,
    /// Birth date; must agree with the id number.
    pub birth_date: Option<Day>,
    /// Sex; must agree with the id number.
    pub sex: Option<Sex>,
    /// Phone.
    #[schema(inline)]
    pub phone: Option<PhoneText>,
}

/// The stay and what follows from it. In a further word of a discharge, what is left out or null stays as it is known.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DischargeFacts {
    /// From which ward.
    #[schema(inline, example = "神经内科")]
    pub ward: Option<Text<1, 60>>,
    /// First day of the stay.
    pub admitted_on: Day,
    /// Day of discharge; not before the first, not in the future.
    pub discharged_on: Day,
    /// ICD-10 codes, the first diagnosis first; at most 30. Unknown ones are kept, and the first one decides the plan.
    #[schema(inline, max_items = 30)]
    pub diagnoses: Option<Vec<Text<1, 20>>>,
    /// The diagnosis in words.
    #[schema(inline)]
    pub diagnosis_text: Option<Text<1, 500>>,
    /// What else is to be followed, by the codes of the rules for follow-up: `tube_at_home`, `wound`, `chemotherapy` … An empty
    /// list takes them back.
    #[schema(inline, max_items = 20)]
    pub conditions: Option<Vec<Text<1, 40>>>,
    /// The responsible doctor.
    #[schema(inline)]
    pub doctor: Option<Text<1, 50>>,
    /// The nurse who is to follow up.
    pub nurse_id: Option<NurseId>,
    /// The next stay is planned already, such as the next cycle of a chemotherapy.
    pub readmission_planned: Option<bool>,
    /// What else is to be known.
    #[schema(inline)]
    pub note: Option<Text<1, 1000>>,
}

impl DischargedPerson {
    /// Checks the papers.
    pub fn check(&self, today: NaiveDate) -> Result<Person> {
        let number = self.id_number.as_ref().map(|number| number.0.as_str());
        let told = number.and_then(|text| IdNumber::parse(self.id_kind, text).ok());
        let birth_date = self
            .birth_date
            .map(|day| day.0)
            .or_else(|| told.as_ref().and_then(IdNumber::birth_date));
        let sex = self.sex.or_else(|| told.as_ref().and_then(IdNumber::sex));
        let missing = |field: &'static str| {
            let params = vec![("name", field.to_owned())];
            let problem = Problem::new(Code::InvalidRequest);
            problem.field_with(format!("person.{field}"), Code::FieldMissing, params)
        };
        // A number that does not stand is what is wrong, not what it would have told.
        if let (Some(text), None) = (number, &told) {
            IdNumber::parse(self.id_kind, text)
                .map_err(|error| refused(error.code(), "id_number"))?;
        }
        let birth_date = birth_date.ok_or_else(|| missing("birth_date"))?;
        let sex = sex.ok_or_else(|| missing("sex"))?;
        let papers = Papers {
            kind: self.id_kind,
            number,
            birth_date,
            sex,
        };
        let id_number = papers
            .check(today)
            .map_err(|error| refused(error.code(), error.field().unwrap_or("id_number")))?;
        Ok(Person {
            name: self.name.0.clone(),
            id_kind: self.id_kind,
            id_number,
            birth_date,
            sex,
            phone: self.phone.as_ref().map(|phone| phone.0.clone()),
        })
    }
}

fn refused(code: &str, field: &str) -> crate::error::Error {
    let code = Code::parse(code).unwrap_or(Code::FieldInvalid);
    let problem = Problem::new(Code::InvalidRequest);
    problem.field(format!("person.{field}"), code).into()
}

impl DischargeFacts {
    /// The discharge of somebody.
    pub fn told(&self, who: Who) -> Result<Told> {
        let code = |text: &Text<1, 20>| {
            IcdCode::new(text.as_str()).ok_or_else(|| {
                let problem = Problem::new(Code::InvalidRequest);
                let params = vec![("reason", text.as_str().to_owned())];
                problem.field_with("stay.diagnoses", Code::FieldInvalid, params)
            })
        };
        let codes = |list: &Vec<_>| list.iter().map(code).collect::<Result<_, _>>();
        let conditions = self.conditions.as_ref().map(|list| {
            let codes = list.iter().map(|one| one.as_str().to_owned());
            codes.collect::<BTreeSet<_>>()
        });
        Ok(Told {
            who,
            system: None,
            told_at: None,
            word: Word {
                admitted_on: self.admitted_on.0,
                discharged_on: self.discharged_on.0,
                ward: self.ward.as_ref().map(|one| one.as_str().to_owned()),
                diagnoses: self.diagnoses.as_ref().map(codes).transpose()?,
                text: self
                    .diagnosis_text
                    .as_ref()
                    .map(|one| one.as_str().to_owned()),
                conditions,
                doctor: self.doctor.as_ref().map(|one| one.as_str().to_owned()),
                nurse: self.nurse_id,
                readmission_planned: self.readmission_planned,
                note: self.note.as_ref().map(|one| one.as_str().to_owned()),
            },
        })
    }
}
