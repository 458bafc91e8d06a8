//! Who makes a contact: work is spread fairly, and goes to nurses of the patient's township first.

use entity::ids::NurseId;

/// A nurse who could make a contact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Carrier {
    /// The nurse.
    pub nurse: NurseId,
    /// Tasks of hers that are not over.
    pub tasks: u32,
    /// Her institution is the one of the patient's township.
    pub same_township: bool,
}

/// Who takes the next one: the nurse with the fewest tasks, but one of the patient's township as long as she has at
/// most `margin` more. Ties go to the smaller id.
pub fn choose(carriers: &[Carrier], margin: u32) -> Option<NurseId> {
    let least = carriers.iter().map(|one| one.tasks).min()?;
    let near = carriers
        .iter()
        .filter(|one| one.same_township && one.tasks <= least.saturating_add(margin));
    let fewest = |one: &&Carrier| (one.tasks, one.nurse);
    near.min_by_key(fewest)
        .or_else(|| carriers.iter().min_by_key(fewest))
        .map(|one| one.nurse)
}
