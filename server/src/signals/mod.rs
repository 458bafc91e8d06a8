//! What scores, answers and logs say of a patient between visits, and who has to hear of it.

pub(crate) mod facts;
pub(crate) mod flags;
pub(crate) mod link;
pub(crate) mod score;
pub(crate) mod sheet;
pub(crate) mod task_scales;
pub(crate) mod vitals;
