//! `GET /v1/reports/device-days`: days of devices, the denominator of Q01 to Q03.

use std::collections::BTreeMap;

use axum::extract::State;
use chrono::{Days, NaiveDate};
use entity::enums::DeviceKind;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::app::App;
use crate::domain::calendar::{day_start, local_date};
use crate::domain::device::{Period, device_days as count, died_with, ended, is_planned};
use crate::error::Result;
use crate::extract::{Json, May, Query, grants};
use crate::problem::{Code, Problem};
use crate::store;
use crate::store::device::Stay;
use crate::wire::Day;

/// Longest period, in days.
const MOST_DAYS: i64 = 3_660;

/// Which days.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PeriodQuery {
    /// First day, in Asia/Shanghai.
    #[param(value_type = String, format = Date, example = "2026-03-01")]
    pub from: Day,
    /// The day after the last.
    #[param(value_type = String, format = Date, example = "2026-04-01")]
    pub to: Day,
}

/// Days of devices in a period.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeviceDays {
    /// First day.
    pub from: NaiveDate,
    /// The day after the last that was counted: not after today.
    pub to: NaiveDate,
    /// Every kind, also those without a day.
    pub kinds: Vec<KindDays>,
}

/// Days of one kind of device.
#[derive(Debug, Serialize, ToSchema)]
pub struct KindDays {
    /// Which kind.
    pub kind: DeviceKind,
    /// Days: the day of placing counts, the day of removal does not.
    pub days: u64,
    /// Devices that have at least one of them.
    pub devices: u32,
    /// Removals in the period that were not planned.
    pub unplanned_removals: u32,
}

/// Count device-days.
///
/// Over the patients of the caller's institutions. Periods that meet add up. Days to come are not counted, nor those from the
/// day on which the patient's death became known.
#[utoipa::path(
    get, path = "/v1/reports/device-days", tag = "reports",
    responses((status = 200, description = "Days by kind", body = DeviceDays))
)]
pub async fn device_days(
    State(app): State<App>,
    may: May<grants::SeeReports>,
    Query(query): Query<PeriodQuery>,
) -> Result<Json<DeviceDays>> {
    let (from, to) = (query.from.0, query.to.0);
    if !(1..=MOST_DAYS).contains(&(to - from).num_days()) {
        let problem = Problem::new(Code::PeriodInvalid).with("days", MOST_DAYS);
        let params = vec![("days", MOST_DAYS.to_string())];
        return Err(problem.field_with("to", Code::PeriodInvalid, params).into());
    }
    let tomorrow = local_date(app.now()) + Days::new(1);
    let period = Period {
        from,
        to: to.min(tomorrow),
    };
    let span = (day_start(from), day_start(period.to.max(from)));
    let scope = &may.scope;
    let db = app.db.reader();
    let stays = store::device::stays(db, scope.community, &scope.institutions, span).await?;
    Ok(Json(DeviceDays {
        from,
        to: period.to.max(from),
        kinds: sum(&stays, period),
    }))
}

fn sum(stays: &[Stay], period: Period) -> Vec<KindDays> {
    let none = |kind: &DeviceKind| {
        let empty = KindDays {
            kind: *kind,
            days: 0,
            devices: 0,
            unplanned_removals: 0,
        };
        (*kind, empty)
    };
    let mut kinds: BTreeMap<_, _> = DeviceKind::ALL.iter().map(none).collect();
    for stay in stays {
        let Some(of_kind) = kinds.get_mut(&stay.kind) else {
            continue;
        };
        let died = died_with(stay.looked_after_at, stay.died_at).map(local_date);
        let (removed, end) = ended(stay.removed_at.map(local_date), died);
        let days = count(local_date(stay.placed_at), end, period);
        of_kind.days += u64::from(days);
        of_kind.devices += u32::from(days > 0);
        let within = removed.is_some_and(|day| period.from <= day && day < period.to);
        let unplanned = stay.removal.is_some_and(|removal| !is_planned(removal));
        of_kind.unplanned_removals += u32::from(within && unplanned);
    }
    kinds.into_values().collect()
}
