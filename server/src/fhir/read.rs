//! From resources to discharges.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};
use entity::enums::{IdKind, Sex};

use super::outcome::{Issue, IssueCode};
use super::resource::{
    Bundle, CodeableConcept, Condition, Encounter, HumanName, Patient, Resource,
};
use crate::domain::calendar::local_date;
use crate::domain::follow_up::IcdCode;
use crate::domain::identity::IdNumber;
use crate::domain::name::PersonName;
use crate::domain::patient::Papers;
use crate::domain::phone::Phone;
use crate::follow_up::{Person, Told, Who};
use crate::problem::{Code, Problem};

/// What an encounter asks for.
#[derive(Clone, Debug)]
pub enum Order {
    /// A discharge, or a newer word of it; the system is added by the feed.
    Take(Box<Told>),
    /// It was an error.
    Cancel,
    /// Not a stay in hospital.
    PassOver,
}

/// An encounter of a bundle.
#[derive(Clone, Debug)]
pub struct Found {
    /// Its place among the entries.
    pub place: usize,
    /// The system's own id of the stay.
    pub own: String,
    /// What it asks for, or what is wrong with it.
    pub order: Result<Order, Issue>,
}

/// The encounters of a bundle, in its order.
pub fn discharges(bundle: &Bundle, today: NaiveDate) -> Vec<Found> {
    let known = Known::of(bundle);
    let entries = bundle.entry.iter().enumerate();
    entries
        .filter_map(|(place, entry)| match &entry.resource {
            Some(Resource::Encounter(encounter)) => {
                let at = format!("Bundle.entry[{place}].resource");
                let own = own_id(encounter, entry.full_url.as_deref());
                let urls = names(&entry.full_url, "Encounter", &encounter.id);
                let order = match &own {
                    None => Err(required(&at, "identifier")),
                    Some(_) => known.order(encounter, &urls, &at, today),
                };
                Some(Found {
                    place,
                    own: own.unwrap_or_default(),
                    order,
                })
            }
            _ => None,
        })
        .collect()
}

fn own_id(encounter: &Encounter, url: Option<&str>) -> Option<String> {
    let values = encounter.identifier.iter();
    let own = values
        .filter_map(|one| one.value.as_deref())
        .find(|value| !value.trim().is_empty())
        .or(encounter.id.as_deref())
        .or(url)?;
    let own = own.trim();
    let fits = (1..=100).contains(&own.chars().count()) && !own.chars().any(char::is_control);
    fits.then(|| own.to_owned())
}

/// By what others may refer to a resource.
fn names(url: &Option<String>, kind: &str, id: &Option<String>) -> Vec<String> {
    let local = id.as_ref().map(|id| format!("{kind}/{id}"));
    url.iter().cloned().chain(local).collect()
}

/// Persons and diagnoses of a bundle, by what refers to them.
struct Known<'a> {
    patients: BTreeMap<String, &'a Patient>,
    conditions: BTreeMap<String, &'a Condition>,
    of_encounter: Vec<&'a Condition>,
}

impl<'a> Known<'a> {
    fn of(bundle: &'a Bundle) -> Self {
        let mut known = Self {
            patients: BTreeMap::new(),
            conditions: BTreeMap::new(),
            of_encounter: Vec::new(),
        };
        for entry in &bundle.entry {
            match &entry.resource {
                Some(Resource::Patient(one)) => {
                    for name in names(&entry.full_url, "Patient", &one.id) {
                        known.patients.insert(name, one);
                    }
                }
                Some(Resource::Condition(one)) => {
                    for name in names(&entry.full_url, "Condition", &one.id) {
                        known.conditions.insert(name, one);
                    }
                    known.of_encounter.push(one);
                }
                _ => {}
            }
        }
        known
    }

    fn order(
        &self,
        encounter: &Encounter,
        urls: &[String],
        at: &str,
        today: NaiveDate,
    ) -> Result<Order, Issue> {
        match encounter.status.as_str() {
            "finished" => {}
            "cancelled" | "entered-in-error" => return Ok(Order::Cancel),
            other => {
                let text = format!("Encounter.status is {other}; a discharge is finished");
                let issue = Issue::new(IssueCode::BusinessRule, "not_discharged", text);
                return Err(issue.at(format!("{at}.status")));
            }
        }
        let class = encounter.class.as_ref().and_then(|one| one.code.as_deref());
        // Inpatient stays; an encounter that does not say is taken for one.
        if class.is_some_and(|class| !["IMP", "ACUTE", "NONAC"].contains(&class)) {
            return Ok(Order::PassOver);
        }
        let period = encounter.period.as_ref();
        let start = period.and_then(|period| period.start.as_deref());
        let end = period.and_then(|period| period.end.as_deref());
        let day = |text: Option<&str>, field: &str| {
            let text = text.ok_or_else(|| required(at, field))?;
            local_day(text).ok_or_else(|| wrong(at, field, text))
        };
        let admitted_on = day(start, "period.start")?;
        let discharged_on = day(end, "period.end")?;
        let subject = encounter.subject.as_ref();
        let subject = subject.and_then(|one| one.reference.as_deref());
        let subject = subject.ok_or_else(|| required(at, "subject.reference"))?;
        let patient = self.patients.get(subject).ok_or_else(|| {
            let text = format!("{subject} is not in the bundle");
            Issue::new(IssueCode::NotFound, "reference_unknown", text)
                .at(format!("{at}.subject.reference"))
        })?;
        let conditions = self.diagnoses(encounter, urls);
        let concepts = || conditions.iter().filter_map(|one| one.code.as_ref());
        let doctor = encounter
            .participant
            .iter()
            .filter_map(|one| one.individual.as_ref()?.display.as_deref())
            .next();
        let updated = encounter
            .meta
            .as_ref()
            .and_then(|meta| meta.last_updated.as_deref());
        Ok(Order::Take(Box::new(Told {
            who: Who::Described(Box::new(person(patient, subject, today)?)),
            ward: encounter.service_type.as_ref().and_then(words),
            system: None,
            told_at: updated.and_then(moment),
            admitted_on,
            discharged_on,
            diagnoses: concepts().filter_map(icd10).collect(),
            text: concepts().find_map(words),
            conditions: BTreeSet::new(),
            doctor: doctor.and_then(|name| bounded(name, 50)),
            nurse: None,
            readmission_planned: false,
            note: None,
        })))
    }

    /// The diagnoses of an encounter: those it names, by rank, else those that name it.
    fn diagnoses(&self, encounter: &Encounter, urls: &[String]) -> Vec<&'a Condition> {
        let mut named: Vec<_> = encounter
            .diagnosis
            .iter()
            .filter_map(|one| {
                let reference = one.condition.reference.as_deref()?;
                let found = self.conditions.get(reference)?;
                Some((one.rank.unwrap_or(u32::MAX), *found))
            })
            .collect();
        named.sort_by_key(|(rank, _)| *rank);
        if !named.is_empty() {
            return named.into_iter().map(|(_, one)| one).collect();
        }
        let of_it = |one: &&&Condition| {
            let reference = one
                .encounter
                .as_ref()
                .and_then(|one| one.reference.as_ref());
            reference.is_some_and(|reference| urls.contains(reference))
        };
        self.of_encounter.iter().filter(of_it).copied().collect()
    }
}

/// The first code of ICD-10 of a diagnosis, of any edition.
fn icd10(concept: &CodeableConcept) -> Option<IcdCode> {
    let ours = |system: &Option<String>| {
        system
            .as_ref()
            .is_none_or(|system| system.to_ascii_lowercase().contains("icd-10"))
    };
    let code = concept.coding.iter().find(|one| ours(&one.system));
    IcdCode::new(code?.code.as_deref()?)
}

fn words(concept: &CodeableConcept) -> Option<String> {
    let display = concept.coding.iter().find_map(|one| one.display.as_deref());
    bounded(concept.text.as_deref().or(display)?, 60)
}

/// Text as it can be kept, cut to so many characters.
fn bounded(text: &str, most: usize) -> Option<String> {
    let text: String = text
        .trim()
        .chars()
        .filter(|c| !c.is_control())
        .take(most)
        .collect();
    (!text.is_empty()).then_some(text)
}

fn person(patient: &Patient, subject: &str, today: NaiveDate) -> Result<Person, Issue> {
    let refuse = |code: &str, field: &str| {
        let code = Code::parse(code).unwrap_or(Code::FieldInvalid);
        let problem = Problem::new(code).with("reason", field);
        Issue::of(&problem, entity::enums::Language::En).at(format!("{subject}.{field}"))
    };
    let name = patient
        .name
        .iter()
        .min_by_key(|name| name.usage.as_deref() != Some("official"))
        .and_then(full_name)
        .ok_or_else(|| required(subject, "name"))?;
    let name = PersonName::parse(&name).map_err(|error| refuse(error.code(), "name"))?;
    let (id_kind, number) = document(patient);
    let told = number
        .map(|text| IdNumber::parse(id_kind, text))
        .transpose()
        .map_err(|error| refuse(error.code(), "identifier"))?;
    let birth_date = match patient.birth_date.as_deref() {
        Some(text) => Some(
            text.parse()
                .map_err(|_| wrong(subject, "birthDate", text))?,
        ),
        None => told.as_ref().and_then(IdNumber::birth_date),
    };
    let birth_date = birth_date.ok_or_else(|| required(subject, "birthDate"))?;
    let sex = match patient.gender.as_deref() {
        Some("male") => Some(Sex::Male),
        Some("female") => Some(Sex::Female),
        _ => told.as_ref().and_then(IdNumber::sex),
    };
    let sex = sex.ok_or_else(|| required(subject, "gender"))?;
    let papers = Papers {
        kind: id_kind,
        number,
        birth_date,
        sex,
    };
    let id_number = papers
        .check(today)
        .map_err(|error| refuse(error.code(), "identifier"))?;
    // A phone that cannot be one is no reason to lose a discharge.
    let phone = patient
        .telecom
        .iter()
        .filter(|one| one.system.as_deref().is_none_or(|system| system == "phone"))
        .find_map(|one| Phone::parse(one.value.as_deref()?).ok());
    Ok(Person {
        name,
        id_kind,
        id_number,
        birth_date,
        sex,
        phone,
    })
}

/// The id document among the identifiers: a passport where it says so, a residence permit, else an identity card.
fn document(patient: &Patient) -> (IdKind, Option<&str>) {
    let typed = |code: &str| {
        patient.identifier.iter().find_map(|one| {
            let kind = one.kind.as_ref()?;
            let fits = kind
                .coding
                .iter()
                .any(|one| one.code.as_deref() == Some(code));
            one.value.as_deref().filter(|_| fits)
        })
    };
    let kinds = [
        IdKind::ResidentId,
        IdKind::HmtResidencePermit,
        IdKind::ForeignPermanentResident,
    ];
    let sound = patient.identifier.iter().find_map(|one| {
        let value = one.value.as_deref()?;
        let kind = kinds
            .into_iter()
            .find(|kind| IdNumber::parse(*kind, value).is_ok())?;
        Some((kind, Some(value)))
    });
    sound
        .or_else(|| typed("PPN").map(|number| (IdKind::Passport, Some(number))))
        // One that says it is an identity card and is none is told so.
        .or_else(|| typed("NI").map(|number| (IdKind::ResidentId, Some(number))))
        .or_else(|| typed("NNCHN").map(|number| (IdKind::ResidentId, Some(number))))
        .unwrap_or((IdKind::NewbornNone, None))
}

fn full_name(name: &HumanName) -> Option<String> {
    if let Some(text) = &name.text {
        return Some(text.clone());
    }
    let family = name.family.clone().unwrap_or_default();
    let given = name.given.concat();
    let whole = format!("{family}{given}");
    (!whole.is_empty()).then_some(whole)
}

/// The date in Asia/Shanghai of a FHIR `dateTime` that names a day at least.
fn local_day(text: &str) -> Option<NaiveDate> {
    if text.len() == 10 {
        return text.parse().ok();
    }
    moment(text).map(local_date)
}

fn moment(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(text)
        .ok()
        .map(|at| at.to_utc())
}

fn required(at: &str, field: &str) -> Issue {
    let text = format!("{field} is missing");
    Issue::new(IssueCode::Required, "field_missing", text).at(format!("{at}.{field}"))
}

fn wrong(at: &str, field: &str, value: &str) -> Issue {
    let value: String = value.chars().take(40).collect();
    let text = format!("{value:?} cannot be read");
    Issue::new(IssueCode::Value, "field_invalid", text).at(format!("{at}.{field}"))
}
