//! The numbers of matching, from the configuration to the rules.

use crate::config::MatchingConfig;
use crate::domain::dispatch::DispatchConfig;
use crate::domain::eligibility::Rules;
use crate::domain::travel::TravelRules;

/// How offers widen.
pub(super) fn dispatch(config: &MatchingConfig) -> DispatchConfig {
    DispatchConfig {
        offer_batch: usize::try_from(config.offer_batch).unwrap_or(usize::MAX),
        rings_m: config.rings_m.clone(),
        wave_every_min: config.wave_every_min,
        coordinator_after_min: config.coordinator_after_min,
        family_told_after_min: config.family_told_after_min,
    }
}

/// What nurses have to bring along.
pub(super) fn eligibility(config: &MatchingConfig) -> Rules {
    Rules {
        min_title: config.min_title,
        min_years: config.min_years,
        rest_hours_after_night: config.rest_hours_after_night,
    }
}

/// How long roads take.
pub(super) fn travel(config: &MatchingConfig) -> TravelRules {
    TravelRules {
        road_factor: config.road_factor,
        speed_kmh: config.speed_kmh,
        buffer_min: config.buffer_min,
    }
}
