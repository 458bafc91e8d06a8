//! Resources as they are sent.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::outcome::{Issue, IssueCode};

/// A bundle.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Bundle {
    /// Of which sort.
    #[serde(rename = "type")]
    pub kind: BundleType,
    /// Its entries.
    #[serde(default)]
    pub entry: Vec<Entry>,
}

/// A sort of bundle that is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BundleType {
    /// All or nothing.
    Transaction,
    /// Each encounter by itself.
    Batch,
    /// A set of resources: all or nothing.
    Collection,
}

impl BundleType {
    /// Whether a word names one.
    pub fn is_known(word: &str) -> bool {
        ["transaction", "batch", "collection"].contains(&word)
    }
}

/// An entry of a bundle.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    /// By what others refer to it.
    pub full_url: Option<String>,
    /// What it holds. Read by itself, so that a mistake in one entry is told of that entry.
    pub resource: Option<Value>,
    /// What is to be done.
    pub request: Option<Request>,
}

/// What is to be done with an entry.
#[derive(Clone, Debug, Deserialize)]
pub struct Request {
    /// POST or PUT.
    pub method: String,
}

/// A resource that tells of discharges.
#[derive(Clone, Debug)]
pub(super) enum Resource {
    /// A stay.
    Encounter(Box<Encounter>),
    /// A person.
    Patient(Box<Patient>),
    /// A diagnosis.
    Condition(Box<Condition>),
    /// Anything else is passed over.
    Other,
}

impl Resource {
    /// Reads a resource that stands at a place.
    pub(super) fn read(value: &Value, at: &str) -> Result<Self, Issue> {
        match value.get("resourceType").and_then(Value::as_str) {
            Some("Encounter") => typed(value, at).map(Self::Encounter),
            Some("Patient") => typed(value, at).map(Self::Patient),
            Some("Condition") => typed(value, at).map(Self::Condition),
            Some(_) => Ok(Self::Other),
            None => {
                let text = "a resource says what it is by its resourceType";
                Err(Issue::new(IssueCode::Structure, "malformed", text).at(at))
            }
        }
    }
}

fn typed<T: DeserializeOwned>(value: &Value, at: &str) -> Result<Box<T>, Issue> {
    serde_path_to_error::deserialize(value)
        .map(Box::new)
        .map_err(|error| {
            let at = format!("{at}.{}", error.path());
            Issue::new(IssueCode::Structure, "malformed", error.inner().to_string()).at(at)
        })
}

/// A stay.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Encounter {
    pub(super) id: Option<String>,
    pub(super) meta: Option<Meta>,
    #[serde(default)]
    pub(super) identifier: Vec<Identifier>,
    #[serde(default)]
    pub(super) contained: Vec<Value>,
    pub(super) status: Option<String>,
    pub(super) class: Option<Coding>,
    pub(super) service_type: Option<CodeableConcept>,
    pub(super) subject: Option<Reference>,
    #[serde(default)]
    pub(super) participant: Vec<Participant>,
    pub(super) period: Option<Period>,
    #[serde(default)]
    pub(super) diagnosis: Vec<Diagnosis>,
    pub(super) hospitalization: Option<Hospitalization>,
}

/// A person.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Patient {
    pub(super) id: Option<String>,
    #[serde(default)]
    pub(super) identifier: Vec<Identifier>,
    #[serde(default)]
    pub(super) name: Vec<HumanName>,
    #[serde(default)]
    pub(super) telecom: Vec<ContactPoint>,
    pub(super) gender: Option<String>,
    pub(super) birth_date: Option<String>,
    pub(super) deceased_boolean: Option<bool>,
    pub(super) deceased_date_time: Option<String>,
}

/// A diagnosis.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Condition {
    pub(super) id: Option<String>,
    pub(super) verification_status: Option<CodeableConcept>,
    pub(super) subject: Option<Reference>,
    pub(super) code: Option<CodeableConcept>,
    pub(super) encounter: Option<Reference>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Meta {
    pub(super) last_updated: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Identifier {
    #[serde(rename = "use")]
    pub(super) usage: Option<String>,
    pub(super) system: Option<String>,
    #[serde(rename = "type")]
    pub(super) kind: Option<CodeableConcept>,
    pub(super) value: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct CodeableConcept {
    #[serde(default)]
    pub(super) coding: Vec<Coding>,
    pub(super) text: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Coding {
    pub(super) system: Option<String>,
    pub(super) code: Option<String>,
    pub(super) display: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Reference {
    #[serde(rename = "reference")]
    pub(super) literal: Option<String>,
    pub(super) identifier: Option<Box<Identifier>>,
    pub(super) display: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Participant {
    #[serde(rename = "type", default)]
    pub(super) kind: Vec<CodeableConcept>,
    pub(super) individual: Option<Reference>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Period {
    pub(super) start: Option<String>,
    pub(super) end: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Diagnosis {
    pub(super) condition: Reference,
    #[serde(rename = "use")]
    pub(super) role: Option<CodeableConcept>,
    pub(super) rank: Option<u32>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Hospitalization {
    pub(super) discharge_disposition: Option<CodeableConcept>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct HumanName {
    #[serde(rename = "use")]
    pub(super) usage: Option<String>,
    pub(super) text: Option<String>,
    pub(super) family: Option<String>,
    /// A null stands for a part that has only an extension.
    #[serde(default)]
    pub(super) given: Vec<Option<String>>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct ContactPoint {
    #[serde(rename = "use")]
    pub(super) usage: Option<String>,
    pub(super) rank: Option<u32>,
    pub(super) system: Option<String>,
    pub(super) value: Option<String>,
}

impl CodeableConcept {
    /// Whether one of its codings has one of these codes.
    pub(super) fn has_code(&self, codes: &[&str]) -> bool {
        let mut found = self.coding.iter().filter_map(|one| one.code.as_deref());
        found.any(|code| codes.contains(&code))
    }
}
