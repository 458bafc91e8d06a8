//! What a visit's record says about a device, so that the register follows it. Which item does
//! what to which device, and in which fields of its form that stands, is data (`server/data/record_forms.json`).

use entity::enums::{DeviceKind, DeviceRemoval};
use entity::ids::DeviceId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::catalogue::Answer;
use super::code::Key;
use super::record_form::{FieldKind, FormField, FormValues};
use super::rulefile::{Problems, RuleProblemCode as Code};

#[cfg(test)]
mod tests;

/// What an item does to a device, and where its form says the details.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeviceLink {
    /// Which kind of device.
    pub kind: DeviceKind,
    /// What is done to it.
    pub act: LinkAct,
    /// A patient has one of the kind and no more: it is meant wherever the register has it, and a change may move it.
    #[serde(default)]
    pub one_only: bool,
    /// The field of the site: a choice, by the codes of the rules for devices.
    #[serde(default)]
    pub site: Option<Key>,
    /// The field of the material: a choice, by the codes of the rules for devices.
    #[serde(default)]
    pub material: Option<Key>,
    /// The field of the size.
    #[serde(default)]
    pub size: Option<Key>,
    /// The field of the depth: a number, in centimetres.
    #[serde(default)]
    pub depth_cm: Option<Key>,
    /// The field of the lot number.
    #[serde(default)]
    pub lot: Option<Key>,
    /// The field of why the old one went: a choice; left out: as planned.
    #[serde(default)]
    pub removal: Option<Key>,
}

/// What an item does to a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LinkAct {
    /// Puts a new one in; one that was there goes.
    Place,
    /// Looks after it.
    Review,
    /// Takes it out.
    Remove,
}

/// What a record says about a device.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DeviceTold {
    /// Where.
    pub site: Option<String>,
    /// What it is made of.
    pub material: Option<String>,
    /// Size.
    pub size: Option<String>,
    /// Centimetres inside, or at the mark.
    pub depth_cm: Option<f64>,
    /// Lot number.
    pub lot: Option<String>,
    /// Why the old one went.
    pub removal: Option<DeviceRemoval>,
}

/// Longest size and lot number, in characters.
const SHORT: usize = 40;

impl DeviceLink {
    /// What the values of a form say.
    pub fn read(&self, values: &FormValues) -> DeviceTold {
        let value = |field: &Option<Key>| values.get(field.as_ref()?.as_str());
        let text = |field: &Option<Key>| match value(field) {
            Some(Answer::Option(text)) => Some(text.chars().take(SHORT).collect::<String>()),
            _ => None,
        };
        let depth_cm = match value(&self.depth_cm) {
            Some(Answer::Number(number)) => Some(*number),
            _ => None,
        };
        DeviceTold {
            site: text(&self.site),
            material: text(&self.material),
            size: text(&self.size),
            depth_cm,
            lot: text(&self.lot),
            removal: text(&self.removal).and_then(|code| code.parse().ok()),
        }
    }

    /// Checks the link against the fields of its form.
    pub(super) fn check(&self, at: &mut Problems, fields: &[&FormField]) {
        let choice: &[FieldKind] = &[FieldKind::Choice];
        let words: &[FieldKind] = &[FieldKind::Choice, FieldKind::Text];
        for (name, field, kinds) in [
            ("site", &self.site, choice),
            ("material", &self.material, choice),
            ("size", &self.size, words),
            ("depth_cm", &self.depth_cm, &[FieldKind::Number][..]),
            ("lot", &self.lot, words),
            ("removal", &self.removal, choice),
        ] {
            let Some(field) = field else { continue };
            let found = fields.iter().find(|one| one.code == *field);
            match found {
                None => at.add(
                    name,
                    Code::UnknownReference,
                    format!("the form has no field `{field}`"),
                ),
                Some(one) => at.require(
                    kinds.contains(&one.kind),
                    name,
                    Code::Inconsistent,
                    "the field is of another kind",
                ),
            }
            if name != "removal" {
                continue;
            }
            let options = found.iter().flat_map(|one| &one.options);
            for option in options.filter(|one| one.code.as_str().parse::<DeviceRemoval>().is_err())
            {
                let detail = format!("`{}` is no cause of a removal", option.code);
                at.add(name, Code::UnknownReference, detail);
            }
        }
    }
}

/// A device of the kind that is in place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InPlace<'a> {
    /// The device.
    pub id: DeviceId,
    /// Where.
    pub site: &'a str,
    /// This visit placed it: the record, or the nurse in the register.
    pub of_this_visit: bool,
}

/// What becomes of the register.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// A new one is entered.
    Place,
    /// A new one is entered in place of this one.
    Replace(DeviceId),
    /// This one was entered on this visit already; what is known of it is put right.
    Correct(DeviceId),
    /// This one was looked after.
    Review(DeviceId),
    /// This one is out.
    Remove(DeviceId),
    /// Nothing: the visit has done it already.
    Done,
    /// There is none of which it could be said.
    NoneThere,
    /// There are several, and the record does not say which.
    Several,
}

/// What a record does to the register, without counting twice what the visit did already.
pub fn step(
    link: &DeviceLink,
    site: Option<&str>,
    in_place: &[InPlace<'_>],
    removed_already: bool,
) -> Step {
    let there = in_place
        .iter()
        .filter(|one| site.is_none_or(|site| site == one.site));
    let mut there: Vec<_> = there.collect();
    if there.is_empty()
        && let (true, [only]) = (link.one_only, in_place)
    {
        there.push(only);
    }
    let mut hers = there.iter().filter(|one| one.of_this_visit);
    match (link.act, there.as_slice()) {
        (LinkAct::Place, []) => Step::Place,
        (LinkAct::Place, all) => match (hers.next(), all) {
            (Some(one), _) => Step::Correct(one.id),
            (None, [one]) => Step::Replace(one.id),
            (None, _) => Step::Several,
        },
        (LinkAct::Remove, _) if removed_already => Step::Done,
        (_, []) => Step::NoneThere,
        (LinkAct::Review, [one]) if one.of_this_visit => Step::Done,
        (LinkAct::Review, [one]) => Step::Review(one.id),
        (LinkAct::Remove, [one]) => Step::Remove(one.id),
        (LinkAct::Review | LinkAct::Remove, _) => Step::Several,
    }
}
