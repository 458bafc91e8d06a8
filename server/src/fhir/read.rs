//! From resources to discharges.

use chrono::{DateTime, NaiveDate, Utc};

use super::known::{Filed, Known, Near, base_of, filed, names};
use super::outcome::{Issue, IssueCode, required, wrong};
use super::person::{has_died, person};
use super::resource::{Bundle, CodeableConcept, Condition, Encounter, Entry, Resource};
use crate::domain::calendar::local_date;
use crate::domain::follow_up::{IcdCode, Word};
use crate::domain::identity::IdNumber;
use crate::follow_up::{Told, Who};

/// Classes of stays in hospital.
const STAYS: [&str; 3] = ["IMP", "ACUTE", "NONAC"];
/// ICD-10 as an OID; by its address it says so itself.
const ICD10_OID: &str = "2.16.840.1.113883.6.3";

/// What an encounter asks for.
#[derive(Clone, Debug)]
pub enum Order {
    /// A discharge, or a newer word of it; the system is added by the feed.
    Take(Box<Told>),
    /// It was an error.
    Cancel,
    /// The stay ended in death: nobody is to be followed up. The number by which the person is found.
    Died(Option<IdNumber>),
    /// Not a stay in hospital.
    PassOver,
}

/// An encounter of a bundle, or an entry that cannot be read.
#[derive(Clone, Debug)]
pub struct Found {
    /// Its place among the entries.
    pub place: usize,
    /// The system's own id of the stay.
    pub own: String,
    /// What it asks for, or what is wrong with it.
    pub order: Result<Order, Issue>,
}

/// The encounters of a bundle and the entries that are wrong, in its order.
pub fn discharges(bundle: &Bundle, today: NaiveDate) -> Vec<Found> {
    let entries = bundle.entry.iter().enumerate();
    let read: Vec<_> = entries
        .map(|(place, entry)| (place, entry, read(place, entry)))
        .collect();
    let known = Known::of(read.iter().filter_map(|(place, entry, resource)| {
        let resource = resource.as_ref().ok()?;
        Some((place_of(*place), entry.full_url.as_deref(), resource))
    }));
    let found = |(place, entry, resource): (usize, &Entry, Result<Resource, Issue>)| {
        let (own, order) = match resource {
            Err(issue) => (String::new(), Err(issue)),
            Ok(Resource::Encounter(encounter)) => {
                let url = entry.full_url.as_deref();
                stay(&known, &encounter, url, &place_of(place), today)
            }
            Ok(_) => return None,
        };
        Some(Found { place, own, order })
    };
    read.into_iter().filter_map(found).collect()
}

fn place_of(place: usize) -> String {
    format!("Bundle.entry[{place}].resource")
}

/// What an entry holds. Nothing here is fetched, patched or deleted.
fn read(place: usize, entry: &Entry) -> Result<Resource, Issue> {
    let method = entry.request.as_ref().map(|request| &*request.method);
    if let Some(method) = method.filter(|method| !["POST", "PUT"].contains(method)) {
        let text = format!("{method} is not done here; discharges are sent by POST or PUT");
        let issue = Issue::new(IssueCode::NotSupported, "method_not_supported", text);
        return Err(issue.at(format!("Bundle.entry[{place}].request.method")));
    }
    match &entry.resource {
        Some(resource) => Resource::read(resource, &place_of(place)),
        None => Ok(Resource::Other),
    }
}

fn stay(
    known: &Known,
    encounter: &Encounter,
    url: Option<&str>,
    at: &str,
    today: NaiveDate,
) -> (String, Result<Order, Issue>) {
    let Some(own) = own_id(encounter, url) else {
        return (String::new(), Err(required(at, "identifier")));
    };
    let contained = match contained(encounter, at) {
        Ok(contained) => contained,
        Err(issue) => return (own, Err(issue)),
    };
    let near = Near {
        names: &names(url, "Encounter", encounter.id.as_deref()),
        base: url.and_then(|url| base_of(url, "Encounter")),
        own: &contained,
    };
    (own, order(known, encounter, &near, at, today))
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

/// The resources that an encounter holds itself, each with its id.
fn contained(encounter: &Encounter, at: &str) -> Result<Vec<(String, Filed<Resource>)>, Issue> {
    let one = |(place, value): (usize, &serde_json::Value)| {
        let at = format!("{at}.contained[{place}]");
        let resource = match Resource::read(value, &at) {
            Ok(resource) => resource,
            Err(issue) => return Some(Err(issue)),
        };
        let id = value.get("id")?.as_str()?.to_owned();
        Some(Ok((id, filed(at, None, "", resource))))
    };
    encounter
        .contained
        .iter()
        .enumerate()
        .filter_map(one)
        .collect()
}

fn order(
    known: &Known,
    encounter: &Encounter,
    near: &Near<'_>,
    at: &str,
    today: NaiveDate,
) -> Result<Order, Issue> {
    let class = encounter.class.as_ref().and_then(|one| one.code.as_deref());
    // An encounter that does not say is taken for a stay.
    if class.is_some_and(|class| !STAYS.contains(&class)) {
        return Ok(Order::PassOver);
    }
    match encounter.status.as_deref() {
        Some("finished") => {}
        Some("cancelled" | "entered-in-error") => return Ok(Order::Cancel),
        None => return Err(required(at, "status")),
        Some(other) => {
            let text = format!("Encounter.status is {other}; a discharge is finished");
            let issue = Issue::new(IssueCode::BusinessRule, "not_discharged", text);
            return Err(issue.at(format!("{at}.status")));
        }
    }
    let subject = encounter.subject.as_ref();
    let subject = subject.filter(|one| one.literal.is_some() || one.identifier.is_some());
    let subject = subject.ok_or_else(|| required(at, "subject.reference"))?;
    let (patient_at, patient) = known.patient(subject, near).ok_or_else(|| {
        let name = subject.literal.as_deref().unwrap_or("subject.identifier");
        let text = format!("{name} is not in the bundle, not readable, or there more than once");
        Issue::new(IssueCode::NotFound, "reference_unknown", text)
            .at(format!("{at}.subject.reference"))
    })?;
    let described = person(patient, patient_at, today);
    let left = encounter.hospitalization.as_ref();
    let left = left.and_then(|one| one.discharge_disposition.as_ref());
    if has_died(patient) || left.is_some_and(|left| left.has_code(&["exp"])) {
        return Ok(Order::Died(described.ok().and_then(|one| one.id_number)));
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
    let found = diagnoses(known, encounter, near, patient_at);
    let concepts = || found.iter().filter_map(|one| one.code.as_ref());
    let named = encounter.diagnosis.iter();
    let named = || {
        named
            .clone()
            .filter_map(|one| one.condition.display.as_deref())
    };
    let updated = encounter
        .meta
        .as_ref()
        .and_then(|meta| meta.last_updated.as_deref());
    let codes: Vec<_> = concepts().filter_map(icd10).collect();
    Ok(Order::Take(Box::new(Told {
        who: Who::Described(Box::new(described?)),
        system: None,
        told_at: updated.and_then(moment),
        word: Word {
            admitted_on,
            discharged_on,
            ward: encounter.service_type.as_ref().and_then(words),
            // Without a code that can be read it says nothing of them, unless it takes back all that it names.
            diagnoses: (!codes.is_empty() || found.all_taken_back()).then_some(codes),
            text: concepts()
                .find_map(words)
                .or_else(|| named().find_map(|text| bounded(text, 60))),
            // Tubes, wounds and chemotherapy come with the codes of further diagnoses; nothing else of it, nor who is to
            // follow up and whether the next stay is planned, has an unambiguous place in an encounter.
            conditions: None,
            doctor: doctor(encounter),
            nurse: None,
            readmission_planned: None,
            note: None,
        },
    })))
}

/// The attending doctor, else the first one who took part.
fn doctor(encounter: &Encounter) -> Option<String> {
    let attends =
        |one: &super::resource::Participant| one.kind.iter().any(|kind| kind.has_code(&["ATND"]));
    encounter
        .participant
        .iter()
        .filter_map(|one| Some((!attends(one), one.individual.as_ref()?.display.as_deref()?)))
        .min_by_key(|(other, _)| *other)
        .and_then(|(_, name)| bounded(name, 50))
}

/// The diagnoses of an encounter.
struct Diagnoses<'a> {
    /// Those that stand, in their order.
    standing: Vec<&'a Condition>,
    /// Others were refuted, or an error.
    taken_back: bool,
}

impl<'a> Diagnoses<'a> {
    fn iter(&self) -> impl Iterator<Item = &'a Condition> {
        self.standing.iter().copied()
    }

    fn all_taken_back(&self) -> bool {
        self.standing.is_empty() && self.taken_back
    }
}

/// The diagnoses of an encounter: those it names, by rank and those of the discharge first, else those that name it.
/// What was refuted, was an error or is about somebody else is no diagnosis of this person.
fn diagnoses<'a>(
    known: &'a Known,
    encounter: &Encounter,
    near: &'a Near<'_>,
    person: &str,
) -> Diagnoses<'a> {
    let refuted = |condition: &&Condition| {
        let status = condition.verification_status.as_ref();
        status.is_some_and(|one| one.has_code(&["refuted", "entered-in-error"]))
    };
    let mut named: Vec<_> = encounter
        .diagnosis
        .iter()
        .filter_map(|one| {
            let found = known.condition(one.condition.literal.as_deref()?, near)?;
            // Each role has ranks of its own.
            let of_discharge = one.role.as_ref().is_some_and(|role| role.has_code(&["DD"]));
            Some((!of_discharge, one.rank.unwrap_or(u32::MAX), found))
        })
        .filter(|(.., condition)| !known.is_of_another(condition, person))
        .collect();
    named.sort_by_key(|(other, rank, _)| (*other, *rank));
    let named: Vec<_> = named.into_iter().map(|(.., one)| one).collect();
    let mut taken_back = named.iter().any(refuted);
    let mut standing: Vec<_> = named.into_iter().filter(|one| !refuted(one)).collect();
    if standing.is_empty() {
        let of_it = known.conditions_of(near).into_iter();
        let (out, of_it): (Vec<_>, Vec<_>) = of_it
            .filter(|one| !known.is_of_another(one, person))
            .partition(refuted);
        taken_back |= !out.is_empty();
        standing = of_it;
    }
    Diagnoses {
        standing,
        taken_back,
    }
}

/// The code of ICD-10 of a diagnosis, of any edition; one that names no system may be one.
fn icd10(concept: &CodeableConcept) -> Option<IcdCode> {
    let says_so = |system: &str| {
        system.to_ascii_lowercase().contains("icd-10") || system.ends_with(ICD10_OID)
    };
    let of = |named: bool| {
        let mut codings = concept.coding.iter().filter(move |one| match &one.system {
            Some(system) => named && says_so(system),
            None => !named,
        });
        codings.find_map(|one| IcdCode::new(one.code.as_deref()?))
    };
    of(true).or_else(|| of(false))
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
