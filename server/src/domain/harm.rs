//! Reports of harm to patients (R18) and of mishaps around visits: which kinds there are, what each needs to be
//! told, and their clocks. The kinds are data (`server/data/harm.json`).

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use entity::enums::{HarmSeverity, ReportSort, ReportState};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::rulefile::{Edition, Problems, RuleFile, RuleProblemCode as Rule};

/// A kind of report, or of tube.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HarmKind {
    /// Stable code.
    pub code: String,
    /// Name in Chinese.
    pub zh: String,
    /// Name in English.
    pub en: String,
    /// What has to be told besides.
    #[serde(default)]
    pub needs: Option<Need>,
}

/// What a kind needs to be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Need {
    /// The tube that came out: rates are counted for each tube.
    Tube,
    /// 0 none, 1 no or slight treatment, 2 ice, bandage, suture or splint, 3 medical treatment, such as a fracture.
    InjuryLevel,
}

/// One version of the kinds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HarmKinds {
    /// Counts up from 1.
    #[schema(minimum = 1)]
    pub version: u32,
    /// First day the version holds, in Asia/Shanghai.
    pub valid_from: NaiveDate,
    /// Who signed it off; null for a seed.
    pub approved_by: Option<String>,
    /// When it was signed off; null for a seed.
    pub approved_on: Option<NaiveDate>,
    /// Where the kinds come from.
    pub source: String,
    /// Kinds of adverse events.
    pub adverse_events: Vec<HarmKind>,
    /// Kinds of tubes.
    pub tubes: Vec<HarmKind>,
    /// Kinds of incidents.
    pub incidents: Vec<HarmKind>,
}

impl RuleFile for HarmKinds {
    fn edition(&self) -> Edition<'_> {
        Edition {
            version: self.version,
            valid_from: self.valid_from,
            approved_by: self.approved_by.as_deref(),
            approved_on: self.approved_on,
            source: &self.source,
        }
    }

    fn check_rules(&self, problems: &mut Problems) {
        for (name, kinds) in [
            ("adverse_events", &self.adverse_events),
            ("tubes", &self.tubes),
            ("incidents", &self.incidents),
        ] {
            problems.in_range(name, kinds.len(), 1..=100);
            problems.unique(name, kinds.iter().map(|kind| &kind.code));
            let harm = name == "adverse_events";
            problems.each(name, kinds, |at, kind| {
                // A report names a kind in at most so many letters.
                at.in_range("code", kind.code.as_str().len(), 1..=40);
                at.plain("zh", &kind.zh);
                at.plain("en", &kind.en);
                at.require(
                    harm || kind.needs.is_none(),
                    "needs",
                    Rule::Inconsistent,
                    "only adverse events are told with something besides",
                );
            });
        }
    }
}

impl HarmKinds {
    /// The kinds of a sort of report.
    pub fn of(&self, sort: ReportSort) -> &[HarmKind] {
        match sort {
            ReportSort::AdverseEvent => &self.adverse_events,
            ReportSort::Incident => &self.incidents,
        }
    }
}

/// Why a report is not taken: the field, the problem code and what it says.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {code}")]
pub struct HarmError {
    /// The field.
    pub field: &'static str,
    /// Stable problem code.
    pub code: &'static str,
    /// Parameter of its text.
    pub param: (&'static str, String),
}

/// Checks that a kind is known and told with what it needs, and nothing else.
pub fn check(
    kinds: &HarmKinds,
    sort: ReportSort,
    kind: &str,
    tube: Option<&str>,
    injury_level: Option<i32>,
) -> Result<(), HarmError> {
    let known = kinds.of(sort);
    let Some(found) = known.iter().find(|one| one.code == kind) else {
        return Err(unknown("kind", known));
    };
    let given = [
        ("tube", Need::Tube, tube.is_some()),
        ("injury_level", Need::InjuryLevel, injury_level.is_some()),
    ];
    for (field, need, given) in given {
        let needed = found.needs == Some(need);
        if needed != given {
            let code = if needed {
                "field_missing"
            } else {
                "field_unknown"
            };
            let param = ("name", field.to_owned());
            return Err(HarmError { field, code, param });
        }
    }
    match tube {
        Some(tube) if kinds.tubes.iter().all(|one| one.code != tube) => {
            Err(unknown("tube", &kinds.tubes))
        }
        _ => Ok(()),
    }
}

fn unknown(field: &'static str, known: &[HarmKind]) -> HarmError {
    let codes: Vec<_> = known.iter().map(|kind| kind.code.as_str()).collect();
    HarmError {
        field,
        code: "choice_unknown",
        param: ("known", codes.join(", ")),
    }
}

/// Whether a report comes later than it should.
pub fn is_late(occurred_at: DateTime<Utc>, reported_at: DateTime<Utc>, late_h: u32) -> bool {
    reported_at - occurred_at > TimeDelta::hours(i64::from(late_h))
}

/// Until when somebody should have begun to look into it.
pub fn review_due(reported_at: DateTime<Utc>, due_h: u32) -> DateTime<Utc> {
    reported_at + TimeDelta::hours(i64::from(due_h))
}

/// Whether supervisors are called at once: somebody came to harm that needs treatment.
pub const fn is_urgent(severity: HarmSeverity, near_miss: bool) -> bool {
    !near_miss
        && matches!(
            severity,
            HarmSeverity::Moderate | HarmSeverity::Severe | HarmSeverity::Death
        )
}

/// Reports alike, and how many there were.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alike {
    /// Code of the kind.
    pub kind: String,
    /// Code of the tube.
    pub tube: Option<String>,
    /// How bad.
    pub severity: HarmSeverity,
    /// It was nearly one.
    pub near_miss: bool,
    /// Told late.
    pub late: bool,
    /// Where it stands.
    pub state: ReportState,
    /// How many.
    pub count: i64,
}

/// Counts of a period. Near misses are counted apart: they are welcome and no harm.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct HarmCounts {
    /// Adverse events that happened.
    pub events: i64,
    /// Near misses.
    pub near_misses: i64,
    /// Of both, those told in time.
    pub in_time: i64,
    /// Of both, those not closed.
    pub unclosed: i64,
    /// Events by kind, those that did not happen left out.
    pub by_kind: BTreeMap<String, i64>,
    /// Unplanned extubations by tube.
    pub by_tube: BTreeMap<String, i64>,
    /// Events by severity.
    pub by_severity: BTreeMap<String, i64>,
}

/// Adds up.
pub fn count(alike: &[Alike]) -> HarmCounts {
    let mut counts = HarmCounts::default();
    for one in alike {
        counts.in_time += if one.late { 0 } else { one.count };
        counts.unclosed += if one.state == ReportState::Closed {
            0
        } else {
            one.count
        };
        if one.near_miss {
            counts.near_misses += one.count;
            continue;
        }
        counts.events += one.count;
        *counts.by_kind.entry(one.kind.clone()).or_default() += one.count;
        let severity = one.severity.as_str().to_owned();
        *counts.by_severity.entry(severity).or_default() += one.count;
        if let Some(tube) = &one.tube {
            *counts.by_tube.entry(tube.clone()).or_default() += one.count;
        }
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::seed::harm as kinds;

    fn checked(kind: &str, tube: Option<&str>, level: Option<i32>) -> Result<(), &'static str> {
        check(kinds(), ReportSort::AdverseEvent, kind, tube, level).map_err(|error| error.code)
    }

    #[test]
    fn codes_are_unique_and_every_indicator_of_the_field_has_its_kind() {
        let all = kinds();
        for list in [&all.adverse_events, &all.tubes, &all.incidents] {
            let codes: std::collections::BTreeSet<_> = list.iter().map(|kind| &kind.code).collect();
            assert_eq!(codes.len(), list.len());
        }
        for code in [
            "cauti",
            "picc_infection",
            "picc_thrombosis",
            "picc_occlusion",
            "pressure_injury",
        ] {
            assert_eq!(checked(code, None, None), Ok(()), "{code}");
        }
    }

    #[test]
    fn a_kind_is_told_with_what_it_needs_and_nothing_else() {
        assert_eq!(checked("unplanned_extubation", Some("picc"), None), Ok(()));
        assert_eq!(
            checked("unplanned_extubation", None, None),
            Err("field_missing")
        );
        assert_eq!(
            checked("unplanned_extubation", Some("hose"), None),
            Err("choice_unknown")
        );
        assert_eq!(checked("fall", None, Some(2)), Ok(()));
        assert_eq!(checked("fall", None, None), Err("field_missing"));
        assert_eq!(checked("cauti", Some("picc"), None), Err("field_unknown"));
        assert_eq!(checked("wrong_address", None, None), Err("choice_unknown"));
        let incident = check(kinds(), ReportSort::Incident, "aggression", None, None);
        assert_eq!(incident, Ok(()));
    }

    #[test]
    fn the_clock_is_a_day_to_the_minute() {
        let at = DateTime::UNIX_EPOCH + TimeDelta::days(20_000);
        assert!(!is_late(at, at + TimeDelta::hours(24), 24));
        assert!(is_late(
            at,
            at + TimeDelta::hours(24) + TimeDelta::seconds(1),
            24
        ));
        assert_eq!(review_due(at, 24), at + TimeDelta::days(1));
        assert!(is_urgent(HarmSeverity::Severe, false) && !is_urgent(HarmSeverity::Severe, true));
        assert!(!is_urgent(HarmSeverity::Mild, false));
    }

    #[test]
    fn near_misses_are_counted_apart() {
        let one = Alike {
            kind: "unplanned_extubation".to_owned(),
            tube: Some("picc".to_owned()),
            severity: HarmSeverity::Mild,
            near_miss: false,
            late: true,
            state: ReportState::Closed,
            count: 2,
        };
        let near = Alike {
            near_miss: true,
            late: false,
            state: ReportState::Reported,
            count: 3,
            ..one.clone()
        };
        let counts = count(&[one, near]);
        assert_eq!((counts.events, counts.near_misses), (2, 3));
        assert_eq!((counts.in_time, counts.unclosed), (3, 3));
        assert_eq!(counts.by_tube["picc"], 2);
    }
}
