//! Resources as they are sent.

use serde::Deserialize;
use serde_json::Value;

/// A bundle.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Bundle {
    /// Always `Bundle`.
    pub resource_type: String,
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

/// An entry of a bundle.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    /// By what others refer to it.
    pub full_url: Option<String>,
    /// What it holds.
    pub resource: Option<Resource>,
    /// What is to be done.
    pub request: Option<Request>,
}

/// What is to be done with an entry.
#[derive(Clone, Debug, Deserialize)]
pub struct Request {
    /// POST or PUT.
    pub method: String,
}

/// A resource of a bundle.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "resourceType")]
pub enum Resource {
    /// A stay.
    Encounter(Box<Encounter>),
    /// A person.
    Patient(Box<Patient>),
    /// A diagnosis.
    Condition(Box<Condition>),
    /// Anything else is passed over.
    #[serde(untagged)]
    Other(Value),
}

/// A stay.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Encounter {
    pub(super) id: Option<String>,
    pub(super) meta: Option<Meta>,
    #[serde(default)]
    pub(super) identifier: Vec<Identifier>,
    pub(super) status: String,
    pub(super) class: Option<Coding>,
    pub(super) service_type: Option<CodeableConcept>,
    pub(super) subject: Option<Reference>,
    #[serde(default)]
    pub(super) participant: Vec<Participant>,
    pub(super) period: Option<Period>,
    #[serde(default)]
    pub(super) diagnosis: Vec<Diagnosis>,
}

/// A person.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Patient {
    pub(super) id: Option<String>,
    #[serde(default)]
    pub(super) identifier: Vec<Identifier>,
    #[serde(default)]
    pub(super) name: Vec<HumanName>,
    #[serde(default)]
    pub(super) telecom: Vec<ContactPoint>,
    pub(super) gender: Option<String>,
    pub(super) birth_date: Option<String>,
}

/// A diagnosis.
#[derive(Clone, Debug, Deserialize)]
pub struct Condition {
    pub(super) id: Option<String>,
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
    pub(super) reference: Option<String>,
    pub(super) display: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Participant {
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
    pub(super) rank: Option<u32>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct HumanName {
    #[serde(rename = "use")]
    pub(super) usage: Option<String>,
    pub(super) text: Option<String>,
    pub(super) family: Option<String>,
    #[serde(default)]
    pub(super) given: Vec<String>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct ContactPoint {
    pub(super) system: Option<String>,
    pub(super) value: Option<String>,
}
