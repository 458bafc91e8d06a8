//! Pictures of exercises: line drawings that come with the program, and a community's own. Each is served under the
//! SHA-256 of its content, so what an address shows never changes and a phone may keep it.

use std::{collections::BTreeSet, fmt};

use serde::{Deserialize, Serialize};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ObjectBuilder, RefOr, schema::Schema, schema::Type},
};

use super::photo::is_hash;
use super::rehab::ExerciseLibrary;
use super::rulefile::{RuleProblem, RuleProblemCode};

#[cfg(test)]
mod tests;

/// Pixels along the longer side of a community's own picture: enough for a phone, and soon loaded in a village.
pub const KEPT_SIDE: u32 = 1_280;

/// A drawing that comes with the program.
#[derive(Debug, PartialEq, Eq)]
pub struct Shipped {
    /// The name by which a file of exercises names it.
    pub name: &'static str,
    /// The drawing, an SVG without text, script or anything from elsewhere.
    pub svg: &'static str,
}

macro_rules! shipped {
    ($($name:literal)+) => {
        /// The drawings that come with the program (`server/data/pictures`).
        pub const SHIPPED: &[Shipped] = &[$(Shipped {
            name: concat!("exercises/", $name),
            svg: include_str!(concat!("../../data/pictures/", $name, ".svg")),
        }),+];
    };
}

shipped! {
    "ankle_pump"
    "quad_set"
    "hand_grip"
    "arm_raise"
    "sit_to_stand"
    "standing_hold"
    "walk_indoors"
    "pursed_lip"
}

/// A text that is not a SHA-256 in lower-case hex.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a picture is named by its SHA-256: 64 of [0-9a-f]")]
pub struct BadPictureId;

/// The name of a picture: SHA-256 of its content as it is served, in lower-case hex.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PictureId(String);

impl PictureId {
    /// The id of what has this hash.
    pub(crate) fn of(sha256: String) -> Self {
        debug_assert!(is_hash(&sha256), "a SHA-256 in hex");
        Self(sha256)
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for PictureId {
    type Error = BadPictureId;

    fn try_from(text: String) -> Result<Self, BadPictureId> {
        if is_hash(&text) {
            Ok(Self(text))
        } else {
            Err(BadPictureId)
        }
    }
}

impl From<PictureId> for String {
    fn from(id: PictureId) -> Self {
        id.0
    }
}

impl fmt::Display for PictureId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

// By hand: the derive cannot put a pattern on a tuple field.
impl PartialSchema for PictureId {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .min_length(Some(64))
            .max_length(Some(64))
            .pattern(Some("^[0-9a-f]{64}$"))
            .description(Some("SHA-256 of the picture as it is served, in hex."))
            .into()
    }
}

impl ToSchema for PictureId {}

/// What a file of exercises names as a picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Named {
    /// A drawing that comes with the program.
    Shipped(&'static Shipped),
    /// One of the community's own.
    Own(PictureId),
}

impl Named {
    /// Reads the name; none when it can be neither.
    pub fn read(name: &str) -> Option<Self> {
        let shipped = SHIPPED.iter().find(|one| one.name == name);
        shipped.map(Self::Shipped).or_else(|| {
            let id = PictureId::try_from(name.to_owned()).ok()?;
            Some(Self::Own(id))
        })
    }
}

/// The community's own pictures that a library names.
pub fn own(library: &ExerciseLibrary) -> BTreeSet<PictureId> {
    let names = library.exercises.iter().map(|one| one.picture.as_str());
    names
        .filter_map(|name| match Named::read(name) {
            Some(Named::Own(id)) => Some(id),
            _ => None,
        })
        .collect()
}

/// Pictures that a library names and nobody has, given those that the community has. Looked at when a library is
/// published, and not when one is read: those published before may name what an app carried itself.
pub fn missing(library: &ExerciseLibrary, has: &BTreeSet<PictureId>) -> Vec<RuleProblem> {
    let is_there = |name: &str| match Named::read(name) {
        Some(Named::Shipped(_)) => true,
        Some(Named::Own(id)) => has.contains(&id),
        None => false,
    };
    let named = library.exercises.iter().enumerate();
    named
        .filter(|(_, exercise)| !is_there(&exercise.picture))
        .map(|(index, exercise)| RuleProblem {
            path: format!("exercises[{index}].picture"),
            code: RuleProblemCode::UnknownReference,
            detail: format!(
                "there is no picture `{}`: name a drawing that comes with the program, or upload the picture first and \
                 give its id",
                exercise.picture
            ),
        })
        .collect()
}
