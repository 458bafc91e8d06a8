//! What a case does to a number, and what cases come to.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::rulefile::Bilingual;

/// What a case does to a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It adds to the numerator and to the denominator.
    Counted {
        /// To the numerator.
        part: i64,
        /// To the denominator.
        of: i64,
    },
    /// It is left out.
    Excluded(Exclusion),
}

/// Where a case stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = CasePart)]
pub enum Part {
    /// In numerator and denominator.
    Numerator,
    /// In the denominator alone.
    Denominator,
    /// In neither.
    Excluded,
}

/// Why a case is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Exclusion {
    /// Its time is not over.
    WindowOpen,
    /// It became known after its time was over.
    ToldLate,
    /// No contact was due within the time.
    NothingDue,
    /// The person died within the time.
    Died,
    /// In hospital again within the time.
    Readmitted,
    /// Nobody tried.
    NotAttempted,
    /// In hospital again for a planned chemotherapy.
    PlannedChemotherapy,
    /// In hospital again for the next stage of an operation.
    PlannedSurgery,
    /// In hospital again as planned.
    Planned,
    /// There is no score of the time before.
    NotMeasuredBefore,
    /// There is no score of the time.
    NotMeasured,
    /// Nobody answered within the time.
    NotAsked,
    /// The contact was not needed any more.
    Stopped,
    /// Nothing was planned.
    NothingPlanned,
}

impl Exclusion {
    /// In words.
    pub fn text(self) -> Bilingual {
        let (zh, en) = match self {
            Self::WindowOpen => ("时限未到", "its time is not over"),
            Self::ToldLate => (
                "登记时已超过时限",
                "it became known after its time was over",
            ),
            Self::NothingDue => ("时限内无应做的联系", "no contact was due within the time"),
            Self::Died => ("时限内死亡", "died within the time"),
            Self::Readmitted => ("时限内再次住院", "in hospital again within the time"),
            Self::NotAttempted => ("时限内未联系", "nobody tried within the time"),
            Self::PlannedChemotherapy => {
                ("计划内化疗再入院", "readmitted for a planned chemotherapy")
            }
            Self::PlannedSurgery => ("分期手术再入院", "readmitted for a staged operation"),
            Self::Planned => ("计划内再入院", "readmitted as planned"),
            Self::NotMeasuredBefore => ("出院前后未评分", "not measured around the discharge"),
            Self::NotMeasured => ("时限内未评分", "not measured within the time"),
            Self::NotAsked => ("时限内无回答", "no answers within the time"),
            Self::Stopped => ("已不需要联系", "the contact was not needed any more"),
            Self::NothingPlanned => ("无计划的训练", "nothing was planned"),
        };
        Bilingual::new(zh, en)
    }
}

impl Verdict {
    /// One of one, or none.
    pub(super) fn yes_or_no(yes: bool) -> Self {
        Self::Counted {
            part: i64::from(yes),
            of: 1,
        }
    }

    /// Where the case stands.
    pub const fn part(self) -> Part {
        match self {
            Self::Counted { part: 0, .. } => Part::Denominator,
            Self::Counted { .. } => Part::Numerator,
            Self::Excluded(_) => Part::Excluded,
        }
    }
}

/// What cases come to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sum {
    /// Sum of the parts.
    pub numerator: i64,
    /// Sum of what they are parts of.
    pub denominator: i64,
    /// Cases that are counted.
    pub counted: usize,
    /// Cases that are left out, by the reason.
    pub excluded: BTreeMap<Exclusion, usize>,
}

impl Sum {
    /// Numerator by denominator; none when nothing is counted.
    #[expect(
        clippy::cast_precision_loss,
        reason = "counts of people are far below 2^52"
    )]
    pub fn value(&self) -> Option<f64> {
        let share = self.numerator as f64 / self.denominator as f64;
        (self.denominator > 0).then(|| (share * 10_000.0).round() / 10_000.0)
    }
}

/// The number behind which cases stand.
pub fn sum(verdicts: impl IntoIterator<Item = Verdict>) -> Sum {
    let mut sum = Sum::default();
    for verdict in verdicts {
        match verdict {
            Verdict::Counted { part, of } => {
                sum.numerator += part;
                sum.denominator += of;
                sum.counted += 1;
            }
            Verdict::Excluded(why) => *sum.excluded.entry(why).or_default() += 1,
        }
    }
    sum
}
