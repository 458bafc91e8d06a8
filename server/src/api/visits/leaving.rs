//! Leaving: when and where, how the place stood against the fence, and why there is none. Recorded and flagged, never
//! refused.

use chrono::{DateTime, Utc};
use entity::enums::{FenceResult, NoFixCause};
use entity::{care_order, visit};
use sea_orm::ActiveValue::Set;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::arrive::NoFixReason;
use super::step::{Act, place_of};
use crate::domain::arrival::{Arrived, doubt};
use crate::domain::place::SourcePlace;
use crate::error::Result;
use crate::safety::arrival;
use crate::wire::{Moment, PlaceIn};

/// Where and when she left.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LeaveReport {
    /// When, by the device. Kept beside the server's time.
    pub device_at: Option<Moment>,
    /// Where, with the accuracy the device reports.
    pub place: Option<PlaceIn>,
    /// Why there is no place.
    pub no_fix_reason: Option<NoFixReason>,
    /// The device says that the place is simulated.
    #[serde(default)]
    pub mock: bool,
}

/// How she left, for herself and for those who send nurses out.
#[derive(Debug, Serialize, ToSchema)]
pub struct VisitLeaving {
    /// When, by the server.
    pub at: DateTime<Utc>,
    /// How the place stood against the fence.
    pub fence: Option<FenceResult>,
    /// Metres from the address.
    pub distance_m: Option<f64>,
    /// Why there is no fix.
    pub cause: Option<NoFixCause>,
}

impl VisitLeaving {
    /// That of a row, once she has left.
    pub(super) fn of(visit: &visit::Model) -> Option<Self> {
        Some(Self {
            at: visit.left_at?,
            fence: visit.left_fence,
            distance_m: visit.left_distance_m,
            cause: visit.left_no_fix,
        })
    }
}

/// A leaving that was judged.
pub(super) struct Left {
    place: Option<SourcePlace>,
    distance_m: Option<f64>,
    fence: FenceResult,
    cause: Option<NoFixCause>,
    mock: bool,
}

impl Left {
    /// Judges where she left by the fence of the address.
    pub(super) async fn judge(
        act: &Act<'_>,
        order: &care_order::Model,
        report: &LeaveReport,
    ) -> Result<Self> {
        let place = place_of(report.place)?;
        let (distance_m, fence) = arrival::judge(act.tx, order, place.as_ref()).await?;
        let seen = Arrived {
            fence,
            has_place: place.is_some(),
            address_known: order.lng.is_some(),
            said: report.no_fix_reason.map(NoFixCause::from),
            mock: report.mock,
        };
        // Old apps send neither a place nor a cause: then none is made up.
        let told = seen.has_place || seen.said.is_some();
        Ok(Self {
            place,
            distance_m,
            fence,
            cause: doubt(&seen).and_then(|(_, cause)| cause).filter(|_| told),
            mock: report.mock,
        })
    }

    /// Where she was.
    pub(super) fn place(&self) -> Option<&SourcePlace> {
        self.place.as_ref()
    }

    /// Writes it into the row of the visit.
    pub(super) fn write(&self, row: &mut visit::ActiveModel, at: DateTime<Utc>) {
        row.left_at = Set(Some(at));
        row.left_lng = Set(self.place.map(|place| place.point.lng()));
        row.left_lat = Set(self.place.map(|place| place.point.lat()));
        row.left_accuracy_m = Set(self.place.and_then(|place| place.accuracy_m));
        row.left_distance_m = Set(self.distance_m);
        row.left_fence = Set(Some(self.fence));
        row.left_no_fix = Set(self.cause);
    }

    /// What the event of leaving says.
    pub(super) fn payload(&self) -> Value {
        json!({
            "fence": self.fence,
            "distance_m": self.distance_m.map(f64::round),
            "no_fix_reason": self.cause,
            "mock": self.mock,
        })
    }
}
