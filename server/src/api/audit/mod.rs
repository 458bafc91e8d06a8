//! What auditors read. Auditors change nothing, and no administrator is one.

pub mod list_patient_reads;
pub mod read_trail;
