//! What a bundle holds, by what refers to it.

use std::collections::BTreeMap;

use super::resource::{Condition, Identifier, Patient, Reference, Resource};

/// A resource and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Filed<T> {
    /// Its place, as FHIRPath.
    pub at: String,
    /// The server it comes from: relative references of it mean that server's.
    base: Option<String>,
    /// What it says.
    pub resource: T,
}

/// Resources of one kind, by what refers to them. A name that two of them have finds neither.
struct Shelf<T> {
    items: Vec<Filed<T>>,
    by_name: BTreeMap<String, Option<usize>>,
}

impl<T> Shelf<T> {
    const fn new() -> Self {
        Self {
            items: Vec::new(),
            by_name: BTreeMap::new(),
        }
    }

    fn put(&mut self, names: Vec<String>, item: Filed<T>) {
        let place = self.items.len();
        for name in names {
            let known = self.by_name.entry(name).or_insert(Some(place));
            if *known != Some(place) {
                *known = None;
            }
        }
        self.items.push(item);
    }

    fn find(&self, name: &str) -> Option<&Filed<T>> {
        let place = *self.by_name.get(name)?;
        self.items.get(place?)
    }

    /// What a reference of a resource means: on its own server first, then as it is written.
    fn refer(&self, reference: &str, base: Option<&str>) -> Option<&Filed<T>> {
        let reference = unversioned(reference);
        base.and_then(|base| self.find(&format!("{base}/{reference}")))
            .or_else(|| self.find(reference))
    }
}

/// Persons and diagnoses of a bundle.
pub(super) struct Known {
    patients: Shelf<Patient>,
    conditions: Shelf<Condition>,
}

/// Where an encounter stands among the others.
pub(super) struct Near<'a> {
    /// Its names.
    pub names: &'a [String],
    /// The server it comes from.
    pub base: Option<&'a str>,
    /// Resources it holds itself, each with its id.
    pub own: &'a [(String, Filed<Resource>)],
}

impl Known {
    /// Files the resources of a bundle: where each stands, its `fullUrl`, and what it is.
    pub(super) fn of<'a>(
        resources: impl Iterator<Item = (String, Option<&'a str>, &'a Resource)>,
    ) -> Self {
        let mut known = Self {
            patients: Shelf::new(),
            conditions: Shelf::new(),
        };
        for (at, url, resource) in resources {
            match resource {
                Resource::Patient(one) => {
                    let mut all = names(url, "Patient", one.id.as_deref());
                    all.extend(one.identifier.iter().filter_map(identity));
                    all.sort();
                    all.dedup();
                    known
                        .patients
                        .put(all, filed(at, url, "Patient", (**one).clone()));
                }
                Resource::Condition(one) => {
                    let all = names(url, "Condition", one.id.as_deref());
                    let one = filed(at, url, "Condition", (**one).clone());
                    known.conditions.put(all, one);
                }
                Resource::Encounter(_) | Resource::Other => {}
            }
        }
        known
    }

    /// The person that an encounter is about.
    pub(super) fn patient<'a>(
        &'a self,
        subject: &Reference,
        near: &'a Near<'_>,
    ) -> Option<(&'a str, &'a Patient)> {
        if let Some(reference) = subject.literal.as_deref() {
            if let Some(id) = reference.strip_prefix('#') {
                return near.own.iter().find_map(|(own, one)| match &one.resource {
                    Resource::Patient(patient) if own == id => Some((one.at.as_str(), &**patient)),
                    _ => None,
                });
            }
            if let Some(found) = self.patients.refer(reference, near.base) {
                return Some((&found.at, &found.resource));
            }
        }
        let name = identity(subject.identifier.as_deref()?)?;
        let found = self.patients.find(&name)?;
        Some((&found.at, &found.resource))
    }

    /// The diagnosis that an encounter names.
    pub(super) fn condition<'a>(
        &'a self,
        reference: &str,
        near: &'a Near<'_>,
    ) -> Option<&'a Condition> {
        if let Some(id) = reference.strip_prefix('#') {
            return near.own.iter().find_map(|(own, one)| match &one.resource {
                Resource::Condition(condition) if own == id => Some(&**condition),
                _ => None,
            });
        }
        let found = self.conditions.refer(reference, near.base)?;
        Some(&found.resource)
    }

    /// The diagnoses that name an encounter.
    pub(super) fn conditions_of<'a>(&'a self, near: &Near<'_>) -> Vec<&'a Condition> {
        let of_it = |one: &&Filed<Condition>| {
            let encounter = one.resource.encounter.as_ref();
            let Some(reference) = encounter.and_then(|one| one.literal.as_deref()) else {
                return false;
            };
            let reference = unversioned(reference);
            let there = one
                .base
                .as_deref()
                .map(|base| format!("{base}/{reference}"));
            near.names
                .iter()
                .any(|name| name == reference || Some(name) == there.as_ref())
        };
        let found = self.conditions.items.iter().filter(of_it);
        found.map(|one| &one.resource).collect()
    }

    /// Whether a diagnosis says that it is about another person of the bundle than the one who stands there.
    pub(super) fn is_of_another(&self, condition: &Condition, person: &str) -> bool {
        let subject = condition.subject.as_ref();
        let reference = subject.and_then(|one| one.literal.as_deref());
        let found = reference.and_then(|reference| self.patients.refer(reference, None));
        let here = self.patients.items.iter().any(|one| one.at == person);
        here && found.is_some_and(|found| found.at != person)
    }
}

/// A resource with its place and server.
pub(super) fn filed<T>(at: String, url: Option<&str>, kind: &str, resource: T) -> Filed<T> {
    Filed {
        at,
        base: url.and_then(|url| base_of(url, kind)).map(str::to_owned),
        resource,
    }
}

/// By what others may refer to a resource.
pub(super) fn names(url: Option<&str>, kind: &str, id: Option<&str>) -> Vec<String> {
    let at_home = url.and_then(|url| {
        let base = base_of(url, kind)?;
        url.get(base.len() + 1..)
    });
    let local = id.map(|id| format!("{kind}/{id}"));
    let mut all: Vec<_> = [url, at_home]
        .into_iter()
        .flatten()
        .map(str::to_owned)
        .chain(local)
        .collect();
    all.sort();
    all.dedup();
    all
}

/// The server of a `fullUrl` such as `https://his.example/fhir/Patient/1`.
pub(super) fn base_of<'a>(url: &'a str, kind: &str) -> Option<&'a str> {
    let (rest, id) = url.rsplit_once('/')?;
    let base = rest.strip_suffix(kind)?.strip_suffix('/')?;
    (!id.is_empty() && base.starts_with("http")).then_some(base)
}

/// A reference without the version it names.
fn unversioned(reference: &str) -> &str {
    let cut = reference.split_once("/_history/");
    cut.map_or(reference, |(thing, _)| thing)
}

/// A name made of an identifier, for references that give one instead of an address.
fn identity(identifier: &Identifier) -> Option<String> {
    let value = identifier.value.as_deref()?;
    let system = identifier.system.as_deref().unwrap_or_default();
    Some(format!("|{system}|{value}"))
}
