//! FHIR R4, as much of it as tells of discharges: bundles with `Encounter`, `Patient` and `Condition`. Elements that are
//! not used here are passed over, as the standard asks.

mod known;
mod outcome;
mod person;
mod read;
mod resource;

pub use outcome::{Issue, IssueCode, OperationOutcome};
pub use read::{Found, Order, discharges};
pub use resource::{Bundle, BundleType, Entry};

/// Most entries of a bundle.
pub const MAX_ENTRIES: usize = 1_000;
/// Largest bundle, bytes.
pub const MAX_BYTES: usize = 5 * 1024 * 1024;
/// Media type of FHIR in JSON.
pub const MEDIA_TYPE: &str = "application/fhir+json";
