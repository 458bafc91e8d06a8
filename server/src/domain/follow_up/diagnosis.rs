//! From the diagnoses of a discharge to its group, conditions and schedules.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::super::text::fold_width;
use super::{DiagnosisGroup, FollowUpRules};

/// A diagnosis code as written: folded, in capitals, without spaces. It need not be one that anybody knows.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct IcdCode(String);

impl IcdCode {
    /// Longest code kept, characters; the national edition has up to twelve.
    pub const MAX: usize = 20;

    /// Takes a code; none when it is empty or too long.
    pub fn new(text: &str) -> Option<Self> {
        let folded: String = fold_width(text)
            .filter(|c| !c.is_whitespace())
            .map(|c| c.to_ascii_uppercase())
            .collect();
        let length = folded.chars().count();
        let fits = (1..=Self::MAX).contains(&length) && !folded.chars().any(char::is_control);
        fits.then_some(Self(folded))
    }

    /// The code.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether a text may begin an ICD-10 code: a letter, up to two digits, then a dot and more.
pub(super) fn is_prefix(text: &str) -> bool {
    let bytes = text.as_bytes();
    let place = |(at, byte): (usize, &u8)| match at {
        0 => byte.is_ascii_uppercase(),
        1 | 2 => byte.is_ascii_digit(),
        3 => *byte == b'.',
        _ => byte.is_ascii_alphanumeric(),
    };
    (1..=12).contains(&bytes.len()) && bytes.len() != 4 && bytes.iter().enumerate().all(place)
}

/// What a discharge asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Its diagnosis group.
    pub group: String,
    /// False: no group has the first diagnosis, and the general schedule holds.
    pub known: bool,
    /// What it says, together with what its diagnoses imply.
    pub conditions: BTreeSet<String>,
    /// Codes of the schedules; never empty.
    pub schedules: BTreeSet<String>,
}

impl FollowUpRules {
    /// The group of a diagnosis: the one with the longest beginning that fits.
    pub fn group_of(&self, code: &IcdCode) -> Option<&DiagnosisGroup> {
        let fitting = self.groups.iter().flat_map(|group| {
            let prefixes = group.icd10.iter();
            let fitting = prefixes.filter(|prefix| code.0.starts_with(prefix.as_str()));
            fitting.map(move |prefix| (prefix.len(), group))
        });
        fitting
            .max_by_key(|(length, _)| *length)
            .map(|(_, group)| group)
    }

    /// What a discharge with these diagnoses, the first one first, and conditions asks for.
    pub fn asked(&self, diagnoses: &[IcdCode], conditions: &BTreeSet<String>) -> Asked {
        let first = diagnoses.first().and_then(|code| self.group_of(code));
        let others = diagnoses.iter().skip(1);
        let others = others
            .filter_map(|code| self.group_of(code))
            .filter(|group| group.as_secondary);
        let groups: Vec<_> = first.into_iter().chain(others).collect();
        let mut conditions = conditions.clone();
        let implied = groups.iter().flat_map(|group| &group.implies);
        conditions.extend(implied.map(ToString::to_string));
        let by_condition = self
            .conditions
            .iter()
            .filter(|one| conditions.contains(one.code.as_str()))
            .flat_map(|one| &one.schedules);
        let mut schedules: BTreeSet<String> = groups
            .iter()
            .flat_map(|group| &group.schedules)
            .chain(by_condition)
            .map(ToString::to_string)
            .collect();
        if first.is_none() {
            schedules.insert(self.general.to_string());
        }
        Asked {
            group: first.map_or(&self.general, |group| &group.code).to_string(),
            known: first.is_some(),
            conditions,
            schedules,
        }
    }
}
