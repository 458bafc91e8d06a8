//! What else pays for a patient's care: contracts with family doctors, long-term-care insurance.

pub mod add_entitlement;
pub mod end_entitlement;
pub mod list_entitlements;
