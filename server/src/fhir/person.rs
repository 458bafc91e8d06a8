//! From a `Patient` to a person.

use chrono::NaiveDate;
use entity::enums::{IdKind, Language, Sex};

use super::outcome::{Issue, required, wrong};
use super::resource::{HumanName, Identifier, Patient};
use crate::domain::identity::IdNumber;
use crate::domain::name::PersonName;
use crate::domain::patient::Papers;
use crate::domain::phone::Phone;
use crate::follow_up::Person;
use crate::problem::{Code, Problem};

/// Whether the patient is said to have died.
pub(super) fn has_died(patient: &Patient) -> bool {
    patient.deceased_boolean == Some(true) || patient.deceased_date_time.is_some()
}

/// The person a patient is; `at` is where the patient stands in the bundle.
pub(super) fn person(patient: &Patient, at: &str, today: NaiveDate) -> Result<Person, Issue> {
    let refuse = |code: &str, field: &str| {
        let code = Code::parse(code).unwrap_or(Code::FieldInvalid);
        let problem = Problem::new(code).with("reason", field);
        Issue::of(&problem, Language::En).at(format!("{at}.{field}"))
    };
    let name = patient
        .name
        .iter()
        .filter_map(|name| Some((standing(name), full_name(name)?)))
        .min_by_key(|(standing, _)| *standing);
    let (_, name) = name.ok_or_else(|| required(at, "name"))?;
    let name = PersonName::parse(&name).map_err(|error| refuse(error.code(), "name"))?;
    let (id_kind, number) = document(patient);
    let told = number
        .map(|text| IdNumber::parse(id_kind, text))
        .transpose()
        .map_err(|error| refuse(error.code(), "identifier"))?;
    let birth_date = born(patient, told.as_ref(), at)?;
    let sex = match patient.gender.as_deref() {
        Some("male") => Sex::Male,
        Some("female") => Sex::Female,
        other => match (told.as_ref().and_then(IdNumber::sex), other) {
            (Some(sex), _) => sex,
            (None, None) => return Err(required(at, "gender")),
            (None, Some(other)) => return Err(wrong(at, "gender", other)),
        },
    };
    let papers = Papers {
        kind: id_kind,
        number,
        birth_date,
        sex,
    };
    let id_number = papers
        .check(today)
        .map_err(|error| refuse(error.code(), "identifier"))?;
    Ok(Person {
        name,
        id_kind,
        id_number,
        birth_date,
        sex,
        phone: phone(patient),
    })
}

/// The day of birth. One without its day is made whole by the id number that agrees with it.
fn born(patient: &Patient, number: Option<&IdNumber>, at: &str) -> Result<NaiveDate, Issue> {
    let known = number.and_then(IdNumber::birth_date);
    let Some(text) = patient.birth_date.as_deref() else {
        return known.ok_or_else(|| required(at, "birthDate"));
    };
    let whole = (text.len() == 10).then(|| text.parse().ok()).flatten();
    let is_part = |day: &NaiveDate| {
        let day = day.to_string();
        [4, 7].contains(&text.len()) && day.starts_with(text)
    };
    whole
        .or(known.filter(is_part))
        .ok_or_else(|| wrong(at, "birthDate", text))
}

/// A phone that cannot be one is no reason to lose a discharge. Those in use first, in their order, mobiles before others.
fn phone(patient: &Patient) -> Option<Phone> {
    let phones = patient.telecom.iter().filter(|one| {
        let is_phone = |system: &str| ["phone", "sms"].contains(&system);
        one.system.as_deref().is_none_or(is_phone) && one.usage.as_deref() != Some("old")
    });
    phones
        .filter_map(|one| Some((one.rank, Phone::parse(one.value.as_deref()?).ok()?)))
        .min_by_key(|(rank, phone)| (rank.unwrap_or(u32::MAX), !phone.is_mobile()))
        .map(|(_, phone)| phone)
}

/// The id document among the identifiers: a passport where it says so, a residence permit, else an identity card.
fn document(patient: &Patient) -> (IdKind, Option<&str>) {
    let in_use = || {
        let old = |one: &&Identifier| one.usage.as_deref() != Some("old");
        patient.identifier.iter().filter(old)
    };
    let typed = |code: &str| {
        in_use().find_map(|one| {
            let fits = one.kind.as_ref()?.has_code(&[code]);
            one.value.as_deref().filter(|_| fits)
        })
    };
    let kinds = [
        IdKind::ResidentId,
        IdKind::HmtResidencePermit,
        IdKind::ForeignPermanentResident,
    ];
    let sound = in_use().find_map(|one| {
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

/// Which of several names counts: the official one, then those in use; a maiden or an old name comes last.
fn standing(name: &HumanName) -> u8 {
    match name.usage.as_deref() {
        Some("official") => 0,
        Some("usual") => 1,
        None => 2,
        Some("maiden" | "old") => 4,
        Some(_) => 3,
    }
}

fn full_name(name: &HumanName) -> Option<String> {
    let text = name.text.as_deref().map(str::trim);
    if let Some(text) = text.filter(|text| !text.is_empty()) {
        return Some(text.to_owned());
    }
    let family = name.family.as_deref().unwrap_or_default().trim();
    let given: Vec<_> = name
        .given
        .iter()
        .flatten()
        .map(|part| part.trim())
        .collect();
    let latin = |text: &str| text.chars().all(|c| c < '\u{2e80}');
    let whole = if latin(family) && given.iter().all(|part| latin(part)) {
        [&given[..], &[family]].concat().join(" ")
    } else {
        format!("{family}{}", given.concat())
    };
    let whole = whole.trim().to_owned();
    (!whole.is_empty()).then_some(whole)
}
