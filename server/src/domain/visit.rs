//! What a visit must prove: where it was, when it was, and the six facts of electronic visit
//! verification (field guide §5.2).

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use entity::enums::{FenceResult, Language, OrderState};
use entity::ids::{NurseId, PatientId};

use super::calendar::local_date;
use super::lifecycle::{Command, WrongState, next};

/// Metres of accuracy beyond which a fix says nothing about a front door. Without this limit a fix
/// of any accuracy at all would be inside every fence.
pub const WORST_ACCURACY_M: f64 = 1_000.0;

/// Minutes before the window from which a nurse may set out: the longest drive of a county, with room.
pub const EARLIEST_DEPARTURE_MIN: u32 = 240;

/// Whether a nurse may set out now. Late is allowed: the patient still waits.
pub fn may_depart(now: DateTime<Utc>, window_start: DateTime<Utc>) -> bool {
    now >= window_start - TimeDelta::minutes(i64::from(EARLIEST_DEPARTURE_MIN))
}

/// The way of a nurse for one visit. She is followed, watched and heard as one who is out from when she sets out until she
/// has left, also when the visit was broken off while she was there, or she was taken off it on her way (R14, R15).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Way {
    /// When she set out.
    pub departed_at: Option<DateTime<Utc>>,
    /// When she left.
    pub left_at: Option<DateTime<Utc>>,
}

impl Way {
    /// Whether she is out now.
    pub fn is_open(&self) -> bool {
        self.departed_at.is_some() && self.left_at.is_none()
    }

    /// Whether she was out at a moment; setting out and leaving belong to it.
    pub fn holds(&self, at: DateTime<Utc>) -> bool {
        let begun = self.departed_at.is_some_and(|departed| departed <= at);
        begun && self.left_at.is_none_or(|left| at <= left)
    }

    /// Whether she may say that she has left a visit that is over for everybody else: once, when she was out. `live`:
    /// the visit goes on, so that she leaves it by finishing.
    pub fn may_end(&self, live: bool) -> bool {
        !live && self.is_open()
    }
}

/// Where a fix stands against the fence of an address: inside means within the patient's radius plus
/// the reported accuracy (R13). All in metres. Outside is recorded and flagged, never refused.
pub fn fence(distance_m: Option<f64>, fence_radius_m: f64, accuracy_m: Option<f64>) -> FenceResult {
    let sensible = |metres: &f64| metres.is_finite() && *metres >= 0.0;
    // A fix that does not tell its accuracy gets none added.
    let accuracy_m = accuracy_m.unwrap_or(0.0);
    let usable = sensible(&accuracy_m) && accuracy_m <= WORST_ACCURACY_M;
    match distance_m.filter(sensible) {
        Some(metres) if usable && metres <= fence_radius_m + accuracy_m => FenceResult::Inside,
        Some(_) if usable => FenceResult::Outside,
        _ => FenceResult::NoFix,
    }
}

/// How a visit says where it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Located {
    /// By a place fix, inside the fence or not.
    Fix,
    /// There was no fix and the reason is recorded.
    WithoutFix,
    /// Nothing is recorded.
    Unknown,
}

/// What is known of a visit, for the six facts. Offline visits bring times and places of the act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VisitFacts {
    /// Items recorded as done.
    pub items_done: usize,
    /// Who received it.
    pub patient: Option<PatientId>,
    /// Who gave it.
    pub nurse: Option<NurseId>,
    /// How the arrival was located.
    pub located: Located,
    /// When the procedure began.
    pub begun_at: Option<DateTime<Utc>>,
    /// When it ended.
    pub ended_at: Option<DateTime<Utc>>,
}

impl VisitFacts {
    /// The date of the visit where the patient lives: the day on which it began.
    pub fn date(&self) -> Option<NaiveDate> {
        self.begun_at.map(local_date)
    }
}

/// A fact that a visit does not prove yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MissingFact {
    /// What was done.
    Service,
    /// Who received it.
    Patient,
    /// On which date.
    Date,
    /// Where.
    Location,
    /// Who gave it.
    Nurse,
    /// When it began.
    Begin,
    /// When it ended, not before it began.
    End,
}

impl MissingFact {
    /// The six facts; the sixth, the time, has a begin and an end.
    pub const ALL: &'static [Self] = &[
        Self::Service,
        Self::Patient,
        Self::Date,
        Self::Location,
        Self::Nurse,
        Self::Begin,
        Self::End,
    ];

    /// Stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Service => "evv_service",
            Self::Patient => "evv_patient",
            Self::Date => "evv_date",
            Self::Location => "evv_location",
            Self::Nurse => "evv_nurse",
            Self::Begin => "evv_begin",
            Self::End => "evv_end",
        }
    }

    /// For people, without a full stop.
    pub const fn text(self, lang: Language) -> &'static str {
        match (lang, self) {
            (Language::En, Self::Service) => "no item is recorded as done",
            (Language::En, Self::Patient) => "the patient is missing",
            (Language::En, Self::Date) => "the date is missing",
            (Language::En, Self::Location) => {
                "neither a place nor a reason for its absence is recorded"
            }
            (Language::En, Self::Nurse) => "the nurse is missing",
            (Language::En, Self::Begin) => "the time it began is missing",
            (Language::En, Self::End) => "the time it ended is missing or before the begin",
            (Language::Zh, Self::Service) => "未记录已完成的项目",
            (Language::Zh, Self::Patient) => "缺少患者",
            (Language::Zh, Self::Date) => "缺少服务日期",
            (Language::Zh, Self::Location) => "未记录位置,也未说明无定位的原因",
            (Language::Zh, Self::Nurse) => "缺少护士",
            (Language::Zh, Self::Begin) => "缺少开始时间",
            (Language::Zh, Self::End) => "缺少结束时间,或结束早于开始",
        }
    }
}

/// Whether the six facts are there: service, patient, date, location, nurse, begin and end (R16). Begin and end may be one
/// moment: a clock that was set back between them is corrected to that.
pub fn six_facts(facts: &VisitFacts) -> Result<(), Vec<MissingFact>> {
    let has_ended = facts
        .ended_at
        .is_some_and(|ended| facts.begun_at.is_none_or(|begun| begun <= ended));
    let proven = |fact: MissingFact| match fact {
        MissingFact::Service => facts.items_done > 0,
        MissingFact::Patient => facts.patient.is_some(),
        MissingFact::Date => facts.date().is_some(),
        MissingFact::Location => facts.located != Located::Unknown,
        MissingFact::Nurse => facts.nurse.is_some(),
        MissingFact::Begin => facts.begun_at.is_some(),
        MissingFact::End => has_ended,
    };
    let missing: Vec<_> = MissingFact::ALL
        .iter()
        .copied()
        .filter(|fact| !proven(*fact))
        .collect();
    if missing.is_empty() {
        Ok(())
    } else {
        Err(missing)
    }
}

/// Why a visit cannot be closed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CloseRefused {
    /// It has not come to its end, or is closed already.
    #[error(transparent)]
    WrongState(#[from] WrongState),
    /// It is not proven.
    #[error("the visit is not proven: {}", codes(.0))]
    Missing(Vec<MissingFact>),
    /// There is no record.
    #[error("the record is not written")]
    NoRecord,
    /// The record is not signed.
    #[error("the record is not signed")]
    Unsigned,
    /// Waste is made and not returned (R17).
    #[error("the waste is not returned")]
    Waste,
    /// The nurse of the second seat is still there (R10).
    #[error("the second nurse has not left")]
    SecondThere,
}

/// What stands behind a visit besides the six facts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a separate gate of closing, not a state"
)]
pub struct Papers {
    /// The record is written.
    pub recorded: bool,
    /// And signed.
    pub signed: bool,
    /// An item of the order makes waste.
    pub makes_waste: bool,
    /// It is back.
    pub waste_returned: bool,
    /// The nurse of the second seat has not left.
    pub second_there: bool,
}

impl CloseRefused {
    /// Stable problem code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::WrongState(wrong) => wrong.code(),
            Self::Missing(_) => "visit_not_proven",
            Self::NoRecord => "record_missing",
            Self::Unsigned => "record_unsigned",
            Self::Waste => "waste_missing",
            Self::SecondThere => "second_nurse_not_left",
        }
    }
}

fn codes(missing: &[MissingFact]) -> String {
    let codes: Vec<_> = missing.iter().map(|fact| fact.code()).collect();
    codes.join(", ")
}

/// Whether a return of waste has to be signed by whoever takes it over (R17): where the hospital asks for it, and anything
/// was handed over.
pub const fn waste_needs_signature(asked: bool, bags: i32) -> bool {
    asked && bags > 0
}

/// The state after closing, if the visit may be closed.
pub fn close_gate(
    state: OrderState,
    facts: &VisitFacts,
    papers: Papers,
) -> Result<OrderState, CloseRefused> {
    let closed = next(state, Command::Close)?;
    six_facts(facts).map_err(CloseRefused::Missing)?;
    if !papers.recorded {
        Err(CloseRefused::NoRecord)
    } else if !papers.signed {
        Err(CloseRefused::Unsigned)
    } else if papers.makes_waste && !papers.waste_returned {
        Err(CloseRefused::Waste)
    } else if papers.second_there {
        Err(CloseRefused::SecondThere)
    } else {
        Ok(closed)
    }
}

/// How a device's clock stands against ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviceClock {
    /// Within the tolerance.
    Agrees,
    /// The device says a time that has not come yet: its clock is wrong.
    Ahead,
    /// The device says an earlier time: an act reported late, or a clock that is slow.
    Behind,
}

/// A device time beside the server's; both are kept, neither replaces the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Skew {
    /// Device minus server, in whole seconds.
    pub seconds: i64,
    /// What that means.
    pub clock: DeviceClock,
}

/// Compares the time a device gives an act with the time we received it.
pub fn skew(device: DateTime<Utc>, server: DateTime<Utc>, tolerance_s: u32) -> Skew {
    let difference = device - server;
    let tolerance = TimeDelta::seconds(i64::from(tolerance_s));
    let clock = if difference > tolerance {
        DeviceClock::Ahead
    } else if difference < -tolerance {
        DeviceClock::Behind
    } else {
        DeviceClock::Agrees
    };
    Skew {
        seconds: difference.num_seconds(),
        clock,
    }
}

/// When an act happened by our clock, given the skew measured when the device last spoke to us.
/// `None` when no such time exists.
pub fn corrected(device: DateTime<Utc>, skew_seconds: i64) -> Option<DateTime<Utc>> {
    device.checked_sub_signed(TimeDelta::try_seconds(skew_seconds)?)
}

#[cfg(test)]
mod tests;
