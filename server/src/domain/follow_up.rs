//! Follow-up after discharge as data: which schedules a discharge asks for, when each of their contacts is due, and
//! what counts as having tried (field guide §3.1 to §3.3).

mod complete;
mod contact;
mod diagnosis;
mod discharge;
mod hours;
mod plan;
mod spread;

use chrono::NaiveDate;
use entity::enums::{ContactChannel, DeviceKind, FollowResolve};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::calendar::LocalTime;
use super::code::Key;
use super::rulefile::{Bilingual, Edition, Problems, RuleFile, RuleProblemCode as Code};

pub use complete::{Got, resolved_by, scales_missing};
pub use contact::{
    Attempted, ContactError, Effect, Held, HeldBy, LIVE, Touch, Tried, WORKED_ON, check_attempt,
    effect_of, held, is_automatic, is_live, is_reach, is_worked_on, next_channel, next_personal,
    reached_on, tried_enough,
};
pub use diagnosis::{Asked, IcdCode};
pub use discharge::{DischargeError, Facts, Stay, Word};
pub use hours::{Addressed, GoesOut, goes_out, link_hour};
pub use plan::{Content, Joined, Slot, Wanted, join, next_hour};
pub use spread::{Carrier, choose};

#[cfg(test)]
mod tests;

/// Longest stretch after a discharge that anything is planned for, days.
const LAST_DAY: u32 = 36_500;

/// One version of the rules for follow-up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FollowUpRules {
    /// Counts up from 1.
    #[schema(minimum = 1)]
    pub version: u32,
    /// First day the version holds, in Asia/Shanghai.
    pub valid_from: NaiveDate,
    /// Who signed it off; null for a seed.
    pub approved_by: Option<String>,
    /// When it was signed off; null for a seed.
    pub approved_on: Option<NaiveDate>,
    /// Where the values come from.
    pub source: String,
    /// First minute of the day on which anybody is contacted.
    pub contact_from: LocalTime,
    /// The minute from which nobody is contacted any more that day.
    pub contact_to: LocalTime,
    /// Days before the due day on which a contact may be made, where a point does not say.
    #[schema(minimum = 0, maximum = 30)]
    pub opens_before_days: u32,
    /// Days after the due day on which it still counts, where a point does not say.
    #[schema(minimum = 0, maximum = 30)]
    pub grace_days: u32,
    /// From so many days before its last day a contact that is due counts as about to be lost.
    #[schema(minimum = 0, maximum = 30)]
    pub ending_days: u32,
    /// How far ahead contacts are planned; those that repeat are planned on as time goes by.
    #[schema(minimum = 90, maximum = 800)]
    pub horizon_days: u32,
    /// Of contacts that repeat, so many are planned ahead, the horizon at most.
    #[serde(default = "repeats_ahead")]
    #[schema(minimum = 2, maximum = 60, required = false)]
    pub repeats_ahead: u32,
    /// What has to be tried before a person counts as lost.
    pub attempts: AttemptRule,
    /// How many tasks more a nurse of the patient's township may have than the one with the fewest.
    #[schema(minimum = 0, maximum = 100)]
    pub spread_margin: u32,
    /// In which order people are tried to be reached.
    pub channels: ChannelOrder,
    /// The schedule of a discharge whose diagnosis is not in the groups.
    pub general: Key,
    /// Groups of diagnoses.
    pub groups: Vec<DiagnosisGroup>,
    /// What else a discharge may say.
    pub conditions: Vec<FollowCondition>,
    /// The schedules.
    pub schedules: Vec<Schedule>,
}

/// What versions that do not say hold.
const fn repeats_ahead() -> u32 {
    4
}

/// What has to be tried before a person counts as lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AttemptRule {
    /// Attempts at least.
    #[schema(minimum = 1, maximum = 20)]
    pub least: u32,
    /// On so many different days.
    #[schema(minimum = 1, maximum = 10)]
    pub days: u32,
    /// At so many different hours of the day.
    #[schema(minimum = 1, maximum = 10)]
    pub hours: u32,
}

/// In which order people are tried to be reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChannelOrder {
    /// For a contact from afar.
    pub contact: Vec<ContactChannel>,
    /// For a visit.
    pub visit: Vec<ContactChannel>,
}

/// A group of diagnoses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DiagnosisGroup {
    /// Its code.
    pub code: Key,
    /// Its name.
    pub name: Bilingual,
    /// Beginnings of ICD-10 codes; of several that fit the longest counts.
    pub icd10: Vec<String>,
    /// The schedules it asks for.
    pub schedules: Vec<Key>,
    /// Conditions that such a diagnosis tells.
    pub implies: Vec<Key>,
    /// Also asks for them as a further diagnosis, besides the first.
    pub as_secondary: bool,
}

/// Something a discharge may say besides its diagnoses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FollowCondition {
    /// Its code.
    pub code: Key,
    /// Its name.
    pub name: Bilingual,
    /// The schedules it asks for; points of schedules may also depend on it.
    pub schedules: Vec<Key>,
}

/// A schedule of contacts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Schedule {
    /// Its code.
    pub code: Key,
    /// Its name.
    pub name: Bilingual,
    /// Contacts on fixed days.
    pub points: Vec<Point>,
    /// Contacts that come again and again.
    pub repeats: Vec<Repeat>,
    /// What ends those that come again and again, besides their last day.
    #[serde(default)]
    pub until: Option<RepeatEnd>,
}

/// What ends contacts that come again and again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum RepeatEnd {
    /// A device of one of these kinds stands in the register as in place: its reviews take over.
    Device {
        /// Kinds of device.
        kinds: Vec<DeviceKind>,
    },
    /// The newest score of a scale since the discharge is at most so much.
    Score {
        /// Code of the scale.
        scale: Key,
        /// The total.
        at_most: i32,
    },
}

/// From afar, or at home.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// By form, link or phone.
    Contact,
    /// At home.
    Visit,
}

/// A contact on a fixed day after the discharge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Point {
    /// Days after the discharge on which it is due.
    #[schema(minimum = 0)]
    pub day: u32,
    /// The first day on which it may be made, when it is another than usual.
    pub opens_day: Option<u32>,
    /// The last day on which it counts, when it is another than usual.
    pub ends_day: Option<u32>,
    /// From afar, or at home.
    pub form: Form,
    /// Only when the discharge says this.
    pub if_condition: Option<Key>,
    /// Not when the discharge says this.
    pub unless_condition: Option<Key>,
    /// What is asked.
    pub questionnaires: Vec<Key>,
    /// What is scored.
    pub scales: Vec<Key>,
}

/// Contacts that come again and again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Repeat {
    /// Days after the discharge on which the first is due.
    #[schema(minimum = 1)]
    pub from_day: u32,
    /// Days from one to the next.
    #[schema(minimum = 1, maximum = 730)]
    pub every_days: u32,
    /// The last day on which one may be due; absent: until the plan is ended.
    pub until_day: Option<u32>,
    /// From afar, or at home.
    pub form: Form,
    /// What is asked.
    pub questionnaires: Vec<Key>,
    /// What is scored.
    pub scales: Vec<Key>,
}

impl Form {
    /// When such a task counts as done.
    pub const fn resolve_if(self, asks: bool) -> FollowResolve {
        match (self, asks) {
            (Self::Visit, _) => FollowResolve::Visited,
            (Self::Contact, true) => FollowResolve::Answered,
            (Self::Contact, false) => FollowResolve::Reached,
        }
    }
}

impl FollowUpRules {
    /// A schedule by its code.
    pub fn schedule(&self, code: &str) -> Option<&Schedule> {
        self.schedules.iter().find(|one| one.code.as_str() == code)
    }

    /// Whether a discharge may say this.
    pub fn knows_condition(&self, code: &str) -> bool {
        self.conditions.iter().any(|one| one.code.as_str() == code)
    }

    /// The channels of a form, in order.
    pub fn channels(&self, form: Form) -> &[ContactChannel] {
        match form {
            Form::Contact => &self.channels.contact,
            Form::Visit => &self.channels.visit,
        }
    }

    fn check_references(&self, problems: &mut Problems) {
        let known = |code: &Key| self.schedule(code.as_str()).is_some();
        let detail = "no such schedule";
        problems.require(
            known(&self.general),
            "general",
            Code::UnknownReference,
            detail,
        );
        problems.each("groups", &self.groups, |at, group| {
            at.text("name", &group.name);
            at.in_range("icd10", group.icd10.len(), 1..=200);
            for prefix in &group.icd10 {
                let fits = diagnosis::is_prefix(prefix);
                at.require(
                    fits,
                    "icd10",
                    Code::Malformed,
                    "not the beginning of an ICD-10 code",
                );
            }
            let all = !group.schedules.is_empty() && group.schedules.iter().all(known);
            at.require(all, "schedules", Code::UnknownReference, detail);
            let all = group
                .implies
                .iter()
                .all(|one| self.knows_condition(one.as_str()));
            at.require(all, "implies", Code::UnknownReference, "no such condition");
        });
        problems.each("conditions", &self.conditions, |at, condition| {
            at.text("name", &condition.name);
            let all = condition.schedules.iter().all(known);
            at.require(all, "schedules", Code::UnknownReference, detail);
        });
    }
}

impl RuleFile for FollowUpRules {
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
        problems.require(
            self.contact_from < self.contact_to,
            "contact_to",
            Code::Inconsistent,
            "has to come after contact_from",
        );
        problems.in_range("opens_before_days", self.opens_before_days, 0..=30);
        problems.in_range("grace_days", self.grace_days, 0..=30);
        problems.in_range("ending_days", self.ending_days, 0..=30);
        problems.in_range("horizon_days", self.horizon_days, 90..=800);
        problems.in_range("repeats_ahead", self.repeats_ahead, 2..=60);
        problems.in_range("spread_margin", self.spread_margin, 0..=100);
        problems.within("attempts", |at| {
            at.in_range("least", self.attempts.least, 1..=20);
            at.in_range("days", self.attempts.days, 1..=self.attempts.least.min(10));
            at.in_range(
                "hours",
                self.attempts.hours,
                1..=self.attempts.least.min(10),
            );
        });
        problems.within("channels", |at| {
            at.in_range("contact", self.channels.contact.len(), 1..=5);
            at.unique("contact", &self.channels.contact);
            at.in_range("visit", self.channels.visit.len(), 1..=5);
            at.unique("visit", &self.channels.visit);
        });
        problems.unique("groups", self.groups.iter().map(|one| &one.code));
        problems.unique("groups", self.groups.iter().flat_map(|group| &group.icd10));
        problems.unique("conditions", self.conditions.iter().map(|one| &one.code));
        problems.unique("schedules", self.schedules.iter().map(|one| &one.code));
        self.check_references(problems);
        problems.each("schedules", &self.schedules, |at, schedule| {
            schedule.check(self, at);
        });
    }
}

impl Schedule {
    fn check(&self, rules: &FollowUpRules, at: &mut Problems) {
        at.text("name", &self.name);
        let some = !self.points.is_empty() || !self.repeats.is_empty();
        at.require(some, "points", Code::OutOfRange, "a schedule has contacts");
        at.each("points", &self.points, |at, point| {
            at.in_range("day", point.day, 0..=LAST_DAY);
            let opens = point.opens_day.unwrap_or(point.day);
            let ends = point.ends_day.unwrap_or(point.day);
            let around = opens <= point.day && point.day <= ends && ends <= LAST_DAY;
            at.require(around, "day", Code::Inconsistent, "lies outside its window");
            for condition in [&point.if_condition, &point.unless_condition] {
                let known = condition
                    .as_ref()
                    .is_none_or(|code| rules.knows_condition(code.as_str()));
                let detail = "no such condition";
                at.require(known, "if_condition", Code::UnknownReference, detail);
            }
        });
        at.each("repeats", &self.repeats, |at, repeat| {
            at.in_range("from_day", repeat.from_day, 1..=LAST_DAY);
            at.in_range("every_days", repeat.every_days, 1..=730);
            at.in_range(
                "until_day",
                repeat.until_day.unwrap_or(LAST_DAY),
                repeat.from_day..=LAST_DAY,
            );
        });
        let detail = "nothing repeats that could end";
        let repeats = self.until.is_none() || self.repeats();
        at.require(repeats, "until", Code::Inconsistent, detail);
        if let Some(RepeatEnd::Device { kinds }) = &self.until {
            at.in_range("until", kinds.len(), 1..=20);
            at.unique("until", kinds);
        }
        let detail = "two contacts of one schedule are open on the same day";
        at.require(!self.overlaps(rules), "points", Code::Inconsistent, detail);
    }

    /// Whether two contacts that one discharge may ask for are open on the same day: then joining plans could call
    /// somebody twice.
    fn overlaps(&self, rules: &FollowUpRules) -> bool {
        /// Repeats are regular: three years show what they do.
        const LOOK_AT: u32 = 3 * 366 + LAST_FIXED;
        const LAST_FIXED: u32 = 2_200;
        let fixed = self.points.iter().map(|point| {
            let only = (&point.if_condition, &point.unless_condition);
            (plan::window_of(rules, point), Some(only))
        });
        let repeated = self.repeats.iter().flat_map(|repeat| {
            repeat
                .days(LOOK_AT)
                .map(|day| (plan::usual_window(rules, day), None))
        });
        let mut all: Vec<_> = fixed.chain(repeated).collect();
        all.sort_by_key(|(window, _)| *window);
        all.iter().enumerate().any(|(n, ((_, ends), only))| {
            all[n + 1..]
                .iter()
                .take_while(|((opens, _), _)| opens <= ends)
                .any(|(_, other)| !exclude(*only, *other))
        })
    }
}

type Only<'a> = (&'a Option<Key>, &'a Option<Key>);

/// Whether no discharge asks for both.
fn exclude(one: Option<Only<'_>>, other: Option<Only<'_>>) -> bool {
    let (Some((one_if, one_unless)), Some((other_if, other_unless))) = (one, other) else {
        return false;
    };
    let meet = |a: &Option<Key>, b: &Option<Key>| a.is_some() && a == b;
    meet(one_if, other_unless) || meet(other_if, one_unless)
}

impl Repeat {
    /// The days on which it is due, up to one.
    fn days(&self, to: u32) -> impl Iterator<Item = u32> + use<> {
        let last = self.until_day.unwrap_or(LAST_DAY).min(to);
        let step = usize::try_from(self.every_days.max(1)).unwrap_or(usize::MAX);
        (self.from_day..=last).step_by(step)
    }

    fn falls_on(&self, day: u32) -> bool {
        self.days(day).last() == Some(day)
    }
}
