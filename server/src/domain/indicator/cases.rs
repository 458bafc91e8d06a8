//! Whom an indicator counts. Somebody is left out by what happened to them, never by what the indicator measures: who
//! died within the window is left out whether they were reached before or not, and nobody is counted before their
//! window is over.

use chrono::{DateTime, Days, NaiveDate, Utc};
use entity::enums::{AdmissionKind, FollowTaskState, Indicator};

use super::{DayWindow, Exclusion, IndicatorRules, Verdict};
use crate::domain::calendar::local_date;
use crate::domain::code::Key;
use crate::domain::rehab::Adherence;
use crate::domain::screening::Answers;

/// A discharge and what is known of what came after it.
#[derive(Debug, Clone, PartialEq)]
pub struct Index {
    /// First day of the stay.
    pub admitted_on: NaiveDate,
    /// Last day of the stay.
    pub discharged_on: NaiveDate,
    /// When it became known here.
    pub recorded_at: DateTime<Utc>,
    /// Group of its first diagnosis.
    pub group: String,
    /// The next stay was planned already.
    pub readmission_planned: bool,
    /// The earliest day after the discharge on which its plans ask for a contact.
    pub first_day: Option<i64>,
    /// The first attempt to reach somebody.
    pub attempted_at: Option<DateTime<Utc>>,
    /// When somebody was reached first.
    pub reached_at: Option<DateTime<Utc>>,
    /// When a death became known.
    pub died_at: Option<DateTime<Utc>>,
    /// Stays of the person, in any order; its own may be among them.
    pub stays: Vec<Readmission>,
    /// Scores of the person.
    pub scores: Vec<Measured<i32>>,
    /// Answers to its contacts.
    pub answers: Vec<Measured<Answers>>,
}

/// A stay in hospital.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Readmission {
    /// First day.
    pub admitted_on: NaiveDate,
    /// Whether it was planned, when somebody told.
    pub kind: Option<AdmissionKind>,
    /// Group of its first diagnosis, when its discharge is known.
    pub group: Option<String>,
}

/// Something that was measured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Measured<T> {
    /// Of which scale; empty for answers.
    pub scale: String,
    /// When.
    pub at: DateTime<Utc>,
    /// What it came to.
    pub value: T,
}

/// Lost: of contacts that are over.
pub fn of_contact(state: FollowTaskState) -> Verdict {
    match state {
        FollowTaskState::Waiting | FollowTaskState::Open | FollowTaskState::Reached => {
            Verdict::Excluded(Exclusion::WindowOpen)
        }
        FollowTaskState::Stopped => Verdict::Excluded(Exclusion::Stopped),
        FollowTaskState::Done | FollowTaskState::Missed => Verdict::yes_or_no(false),
        FollowTaskState::Lost => Verdict::yes_or_no(true),
    }
}

/// Closed in time: of red flags that were closed or whose deadline is over.
pub fn of_flag(
    due_at: DateTime<Utc>,
    closed_at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Verdict {
    match closed_at {
        Some(closed_at) => Verdict::yes_or_no(closed_at <= due_at),
        None if now <= due_at => Verdict::Excluded(Exclusion::WindowOpen),
        None => Verdict::yes_or_no(false),
    }
}

/// Sessions done: of those planned.
pub const fn of_rehab(adherence: &Adherence) -> Verdict {
    if adherence.planned == 0 {
        return Verdict::Excluded(Exclusion::NothingPlanned);
    }
    Verdict::Counted {
        part: adherence.done,
        of: adherence.planned,
    }
}

impl IndicatorRules {
    /// What a discharge does to an indicator; none when it is none of its cases.
    pub fn of_discharge(
        &self,
        indicator: Indicator,
        index: &Index,
        today: NaiveDate,
    ) -> Option<Verdict> {
        match indicator {
            Indicator::FollowUp => Some(self.due(index, today, |within| within.reached)),
            Indicator::Attempted => Some(self.due(index, today, |within| within.attempted)),
            Indicator::Reached => Some(self.reached(index, today)),
            Indicator::Readmission => Some(self.readmitted(index, today)),
            Indicator::BarthelChange => self.barthel(index, today),
            Indicator::MrsGood => self.mrs(index, today),
            Indicator::DrugsTaken => self.drugs(index, today),
            Indicator::Lost | Indicator::RedFlagInTime | Indicator::RehabAdherence => None,
        }
    }

    /// Of those to whom a contact was due within the time, alive and at home.
    fn due(&self, index: &Index, today: NaiveDate, counts: impl Fn(&Within) -> bool) -> Verdict {
        let days = i64::from(self.follow_up_days);
        let end = index.day(days);
        let exclusion = if index.died_by(end) {
            Exclusion::Died
        } else if index.readmission(end).is_some() {
            Exclusion::Readmitted
        } else if local_date(index.recorded_at) > end {
            Exclusion::ToldLate
        } else if index.first_day.is_none_or(|day| day > days) {
            Exclusion::NothingDue
        } else if today <= end {
            Exclusion::WindowOpen
        } else {
            let by = |at: Option<DateTime<Utc>>| at.is_some_and(|at| local_date(at) <= end);
            let reached = by(index.reached_at);
            // Whoever answered through a link was reached, though nobody called.
            let attempted = reached || by(index.attempted_at);
            return Verdict::yes_or_no(counts(&Within { attempted, reached }));
        };
        Verdict::Excluded(exclusion)
    }

    /// Of those whom somebody tried to reach.
    fn reached(&self, index: &Index, today: NaiveDate) -> Verdict {
        match self.due(index, today, |within| within.attempted) {
            Verdict::Counted { part: 0, .. } => Verdict::Excluded(Exclusion::NotAttempted),
            _ => self.due(index, today, |within| within.reached),
        }
    }

    /// The first readmission decides, so each discharge counts once.
    fn readmitted(&self, index: &Index, today: NaiveDate) -> Verdict {
        let end = index.day(i64::from(self.readmission.days));
        if today <= end {
            return Verdict::Excluded(Exclusion::WindowOpen);
        }
        let Some(stay) = index.readmission(end) else {
            return if index.died_by(end) {
                Verdict::Excluded(Exclusion::Died)
            } else {
                Verdict::yes_or_no(false)
            };
        };
        match self.kind_of(index, stay) {
            AdmissionKind::Unplanned => Verdict::yes_or_no(true),
            AdmissionKind::Chemotherapy => Verdict::Excluded(Exclusion::PlannedChemotherapy),
            AdmissionKind::StagedSurgery => Verdict::Excluded(Exclusion::PlannedSurgery),
            AdmissionKind::Planned => Verdict::Excluded(Exclusion::Planned),
        }
    }

    /// What was told of the stay, else what its diagnosis tells, else what the discharge before it had planned.
    fn kind_of(&self, index: &Index, stay: &Readmission) -> AdmissionKind {
        let by_group = || {
            let group = stay.group.as_deref()?;
            let mut planned = self.readmission.planned_groups.iter();
            planned
                .find(|one| one.group.as_str() == group)
                .map(|one| one.kind)
        };
        let announced = || index.readmission_planned.then_some(AdmissionKind::Planned);
        stay.kind
            .or_else(by_group)
            .or_else(announced)
            .unwrap_or(AdmissionKind::Unplanned)
    }

    fn barthel(&self, index: &Index, today: NaiveDate) -> Option<Verdict> {
        let rule = &self.barthel;
        counts_group(&rule.groups, index)?;
        let end = index.day(rule.after.to_day);
        let scale = rule.scale.as_str();
        Some(if today <= end {
            Verdict::Excluded(Exclusion::WindowOpen)
        } else {
            let before = index.score(scale, rule.before);
            match (before, index.score(scale, rule.after)) {
                (None, _) => Verdict::Excluded(Exclusion::NotMeasuredBefore),
                (Some(before), Some(after)) => Verdict::Counted {
                    part: i64::from(after) - i64::from(before),
                    of: 1,
                },
                (Some(_), None) if index.died_by(end) => Verdict::Excluded(Exclusion::Died),
                (Some(_), None) => Verdict::Excluded(Exclusion::NotMeasured),
            }
        })
    }

    /// Who died until the day counts as dead (mRS 6), not as unknown.
    fn mrs(&self, index: &Index, today: NaiveDate) -> Option<Verdict> {
        let rule = &self.mrs;
        counts_group(&rule.groups, index)?;
        Some(if today <= index.day(rule.at.to_day) {
            Verdict::Excluded(Exclusion::WindowOpen)
        } else if index.died_by(index.day(rule.at.day)) {
            Verdict::yes_or_no(false)
        } else {
            match index.score(rule.scale.as_str(), rule.at) {
                Some(total) => Verdict::yes_or_no(total <= rule.good_to),
                None => Verdict::Excluded(Exclusion::NotMeasured),
            }
        })
    }

    fn drugs(&self, index: &Index, today: NaiveDate) -> Option<Verdict> {
        let rule = &self.drugs;
        counts_group(&rule.groups, index)?;
        let end = index.day(rule.at.to_day);
        let whole = |answers: &Answers| {
            let mut asked = rule.taken.iter();
            asked.all(|one| answers.contains_key(one.question.as_str()))
        };
        let taken = |answers: &Answers| {
            let mut asked = rule.taken.iter();
            asked.all(|one| answers.get(one.question.as_str()) == Some(&one.equals))
        };
        Some(if today <= end {
            Verdict::Excluded(Exclusion::WindowOpen)
        } else {
            let answers = index.answers.iter().filter(|one| whole(&one.value));
            match nearest(answers, index.discharged_on, rule.at) {
                Some(answers) => Verdict::yes_or_no(taken(answers)),
                None if index.died_by(end) => Verdict::Excluded(Exclusion::Died),
                None => Verdict::Excluded(Exclusion::NotAsked),
            }
        })
    }
}

/// What happened within the time.
struct Within {
    attempted: bool,
    reached: bool,
}

impl Index {
    /// A day counted from the discharge.
    fn day(&self, days: i64) -> NaiveDate {
        shifted(self.discharged_on, days)
    }

    fn died_by(&self, end: NaiveDate) -> bool {
        self.died_at
            .map(local_date)
            .is_some_and(|died| self.discharged_on <= died && died <= end)
    }

    /// The first stay after this one until a day.
    fn readmission(&self, end: NaiveDate) -> Option<&Readmission> {
        let again = |stay: &&Readmission| {
            let day = stay.admitted_on;
            self.discharged_on <= day && day > self.admitted_on && day <= end
        };
        let stays = self.stays.iter().filter(again);
        stays.min_by_key(|stay| stay.admitted_on)
    }

    fn score(&self, scale: &str, window: DayWindow) -> Option<i32> {
        let scores = self.scores.iter().filter(|one| one.scale == scale);
        nearest(scores, self.discharged_on, window).copied()
    }
}

/// Whether a discharge is a case at all.
fn counts_group(groups: &[Key], index: &Index) -> Option<()> {
    let counted = groups.is_empty() || groups.iter().any(|one| one.as_str() == index.group);
    counted.then_some(())
}

/// What was measured in a window, nearest to its day; of equally near the earlier.
fn nearest<'a, T: 'a>(
    all: impl Iterator<Item = &'a Measured<T>>,
    discharged_on: NaiveDate,
    window: DayWindow,
) -> Option<&'a T> {
    let day = |one: &Measured<T>| (local_date(one.at) - discharged_on).num_days();
    let within = |one: &&Measured<T>| (window.from_day..=window.to_day).contains(&day(one));
    all.filter(within)
        .min_by_key(|one| ((day(one) - window.day).abs(), one.at))
        .map(|one| &one.value)
}

fn shifted(day: NaiveDate, days: i64) -> NaiveDate {
    let by = Days::new(days.unsigned_abs());
    if days < 0 {
        day.checked_sub_days(by).unwrap_or(NaiveDate::MIN)
    } else {
        day.checked_add_days(by).unwrap_or(NaiveDate::MAX)
    }
}
