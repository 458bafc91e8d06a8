//! Rows of the matching turned into what the rules and the ranking ask.

use chrono::Weekday;
use entity::enums::AccountStatus;

use super::OrderView;
use crate::domain::eligibility::{Absence, Certificate, DutyWindow, NurseFacts};
use crate::domain::ranking::Candidate;
use crate::domain::span::Span;
use crate::store::matching::{Facts, History, NurseRow, Question, VisitRow};

/// What the rules ask of a nurse.
pub(super) fn nurse_facts(
    view: &OrderView,
    facts: &Facts,
    nurse: &NurseRow,
    visits: &[VisitRow],
    distance: Option<f64>,
    taken: Span,
    question: &Question<'_>,
) -> NurseFacts {
    let rows = |found: Option<&Vec<_>>| found.cloned().unwrap_or_default();
    NurseFacts {
        // Without an account that lets her in she sees no offer and can take no step.
        active: nurse.active && nurse.account_status == Some(AccountStatus::Active),
        closed_items: closed_items(view, facts, nurse),
        sex: nurse.sex,
        title: nurse.title,
        licence_from: nurse.licence_from,
        licence_to: nurse.licence_to,
        practice_since: nurse.practice_since,
        training_passed_on: nurse.training_passed_on,
        health_cert_to: nurse.health_cert_to,
        accident_insurance_to: nurse.accident_insurance_to,
        liability_insurance_to: nurse.liability_insurance_to,
        certificates: rows(facts.certificates.get(&nurse.id))
            .into_iter()
            .map(|row| Certificate {
                kind: row.kind,
                valid_from: row.valid_from,
                valid_to: row.valid_to,
                verified: row.verified_at.is_some_and(|since| since <= question.now),
                revoked: row.revoked_at.is_some_and(|since| since <= question.now),
            })
            .collect(),
        refused_pair: nurse.apart,
        service_radius_m: u32::try_from(nurse.service_radius_m).unwrap_or(0),
        daily_cap: u32::try_from(nurse.daily_cap).unwrap_or(0),
        has_base: nurse.base_lng.is_some(),
        distance_m: distance,
        taken,
        duty: duty(facts, nurse),
        absences: absences(facts, nurse),
        busy: visits
            .iter()
            .filter(|visit| visit.live)
            .map(|visit| Span::new(visit.busy_from, visit.busy_to))
            .collect(),
        visits_that_day: count(visits.iter().filter(|visit| {
            visit.starts_at >= question.day_start && visit.starts_at < question.day_end
        })),
    }
}

fn closed_items(view: &OrderView, facts: &Facts, nurse: &NurseRow) -> Vec<String> {
    view.catalogue_items()
        .filter(|item| {
            let key = (nurse.institution_id, item.code.as_str().to_owned());
            !facts.decided.get(&key).copied().unwrap_or(item.open)
        })
        .map(|item| item.code.as_str().to_owned())
        .collect()
}

fn duty(facts: &Facts, nurse: &NurseRow) -> Vec<DutyWindow> {
    const WEEK: [Weekday; 7] = [
        Weekday::Mon,
        Weekday::Tue,
        Weekday::Wed,
        Weekday::Thu,
        Weekday::Fri,
        Weekday::Sat,
        Weekday::Sun,
    ];
    let rows = facts
        .duty
        .get(&nurse.id)
        .map(Vec::as_slice)
        .unwrap_or_default();
    rows.iter()
        .filter_map(|row| {
            Some(DutyWindow {
                weekday: *WEEK.get(usize::try_from(row.weekday - 1).ok()?)?,
                from_min: u16::try_from(row.start_min).ok()?,
                to_min: u16::try_from(row.end_min).ok()?,
            })
        })
        .collect()
}

fn absences(facts: &Facts, nurse: &NurseRow) -> Vec<Absence> {
    let rows = facts
        .leaves
        .get(&nurse.id)
        .map(Vec::as_slice)
        .unwrap_or_default();
    rows.iter()
        .map(|row| Absence {
            span: Span::new(row.starts_at, row.ends_at),
            kind: row.kind,
        })
        .collect()
}

/// What the ranking asks of a nurse.
pub(super) fn candidate(
    view: &OrderView,
    history: &History,
    nurse: &NurseRow,
    visits: &[VisitRow],
    (distance_m, travel_min): (f64, u32),
    taken: Span,
    question: &Question<'_>,
) -> Candidate {
    let before = visits
        .iter()
        .filter(|visit| visit.live && visit.busy_to <= taken.from);
    let free_at = before
        .map(|visit| visit.busy_to)
        .fold(question.now, Ord::max);
    let small =
        |count: Option<&i64>| u32::try_from(count.copied().unwrap_or(0)).unwrap_or(u32::MAX);
    Candidate {
        nurse: nurse.id,
        distance_m,
        service_radius_m: u32::try_from(nurse.service_radius_m).unwrap_or(0),
        travel_min,
        days_since_patient: history
            .last_visit
            .get(&nurse.id)
            .map(|last| u32::try_from((question.now - *last).num_days()).unwrap_or(0)),
        visits_30d: small(history.load.get(&nurse.id)),
        item_visits_year: small(history.item_visits.get(&nurse.id)),
        same_township: nurse.institution_id == view.order.institution_id,
        preferred: view.order.preferred_nurse_id == Some(nurse.id),
        slack_min: (taken.from - free_at).num_minutes(),
    }
}

fn count<T>(items: impl Iterator<Item = T>) -> u32 {
    u32::try_from(items.count()).unwrap_or(u32::MAX)
}
