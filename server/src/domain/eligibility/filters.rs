//! One function a filter. Each pushes what it finds; none looks at what another found.

use std::cmp::Reverse;

use chrono::{Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};
use entity::enums::LeaveKind;

use super::{Certificate, DutyWindow, Filter, NurseFacts, OrderFacts, Reason, Rules};
use crate::domain::calendar::{local, local_date};
use crate::domain::span::Span;

/// One nurse before one order.
pub(super) struct Case<'a> {
    nurse: &'a NurseFacts,
    order: &'a OrderFacts,
    rules: &'a Rules,
    visit: Span,
    /// Local date on which the visit begins.
    first_day: NaiveDate,
    /// Local date of its last minute: another one when it crosses midnight.
    last_day: NaiveDate,
}

impl<'a> Case<'a> {
    pub(super) fn new(nurse: &'a NurseFacts, order: &'a OrderFacts, rules: &'a Rules) -> Self {
        let visit = order.visit();
        let first_day = local_date(visit.from);
        let last_day = local_date(visit.to - TimeDelta::minutes(1));
        Self {
            nurse,
            order,
            rules,
            visit,
            first_day,
            last_day,
        }
    }

    pub(super) fn ask(&self, filter: Filter, reasons: &mut Vec<Reason>) {
        match filter {
            Filter::Active => reasons.extend((!self.nurse.active).then_some(Reason::Inactive)),
            Filter::Registration => self.registration(reasons),
            Filter::Insurance => self.insurance(reasons),
            Filter::Certificates => {
                reasons.extend(
                    self.order
                        .certificates
                        .iter()
                        .filter_map(|kinds| self.lacks(kinds)),
                );
            }
            Filter::Institution => {
                let closed = self.nurse.closed_items.iter().cloned();
                reasons.extend(closed.map(|item| Reason::ItemNotOpen { item }));
            }
            Filter::Refused => {
                reasons.extend(self.nurse.refused_pair.then_some(Reason::RefusedPair));
            }
            Filter::Sex => {
                let needed = self.order.patient_sex;
                let wrong = self.order.requires_same_sex && self.nurse.sex != needed;
                reasons.extend(wrong.then_some(Reason::WrongSex { needed }));
            }
            Filter::Shift => self.shift(reasons),
            Filter::Overlap => {
                let busy = self.nurse.busy.iter().copied();
                let clashes = busy.filter(|span| span.overlaps(self.nurse.taken));
                reasons.extend(clashes.map(|span| Reason::Overlap {
                    from: span.from,
                    to: span.to,
                }));
            }
            Filter::Place => {
                let known = self.nurse.has_base && self.distance().is_some();
                reasons.extend((!known).then_some(Reason::NoPlace));
            }
            Filter::Distance => self.reach(reasons),
            Filter::DailyCap => {
                let (visits, cap) = (self.nurse.visits_that_day, self.nurse.daily_cap);
                reasons.extend((visits >= cap).then_some(Reason::DailyCap { visits, cap }));
            }
            Filter::Rest => self.rest(reasons),
        }
    }

    fn registration(&self, reasons: &mut Vec<Reason>) {
        let nurse = self.nurse;
        if self.first_day < nurse.licence_from {
            reasons.push(Reason::LicenceNotYetValid {
                from: nurse.licence_from,
            });
        }
        if self.last_day > nurse.licence_to {
            reasons.push(Reason::LicenceExpired {
                to: nurse.licence_to,
            });
        }
        let needed = self.rules.min_title;
        if nurse.title < needed {
            reasons.push(Reason::TitleTooLow { needed });
        }
        let years = self.rules.min_years;
        // Whole years only; who began on 29 February completes one on 1 March.
        if self
            .first_day
            .years_since(nurse.practice_since)
            .is_none_or(|full| full < years)
        {
            reasons.push(Reason::ExperienceShort {
                since: nurse.practice_since,
                years,
            });
        }
        if nurse
            .training_passed_on
            .is_none_or(|passed| passed > self.first_day)
        {
            reasons.push(Reason::TrainingMissing);
        }
        reasons.extend(
            self.lapse(nurse.health_cert_to, Reason::HealthCertMissing, |to| {
                Reason::HealthCertExpired { to }
            }),
        );
    }

    fn insurance(&self, reasons: &mut Vec<Reason>) {
        reasons.extend(self.lapse(
            self.nurse.accident_insurance_to,
            Reason::AccidentInsuranceMissing,
            |to| Reason::AccidentInsuranceExpired { to },
        ));
        reasons.extend(self.lapse(
            self.nurse.liability_insurance_to,
            Reason::LiabilityInsuranceMissing,
            |to| Reason::LiabilityInsuranceExpired { to },
        ));
    }

    /// What is wrong with a paper of which only the last day is kept.
    fn lapse(
        &self,
        to: Option<NaiveDate>,
        missing: Reason,
        expired: fn(NaiveDate) -> Reason,
    ) -> Option<Reason> {
        match to {
            None => Some(missing),
            Some(to) => (self.last_day > to).then(|| expired(to)),
        }
    }

    /// Why none of `kinds` is held; of several reasons the one that is nearest to being put right.
    fn lacks(&self, kinds: &[String]) -> Option<Reason> {
        let held = self
            .nurse
            .certificates
            .iter()
            .filter(|held| kinds.contains(&held.kind));
        let mut flaws = Vec::new();
        for certificate in held {
            // One without a flaw settles it.
            flaws.push(self.flaw(certificate)?);
        }
        let nearest = flaws.into_iter().min_by_key(|(nearness, _)| *nearness);
        Some(nearest.map_or_else(
            || Reason::CertificateMissing {
                any_of: kinds.to_vec(),
            },
            |(_, reason)| reason,
        ))
    }

    /// What is wrong with a certificate, with how far it is from being right; `None` when it counts.
    fn flaw(&self, held: &Certificate) -> Option<((u8, Reverse<NaiveDate>), Reason)> {
        let kind = held.kind.clone();
        let (from, to) = (held.valid_from, held.valid_to);
        if held.revoked {
            Some(((3, Reverse(to)), Reason::CertificateRevoked { kind }))
        } else if self.last_day > to {
            Some(((2, Reverse(to)), Reason::CertificateExpired { kind, to }))
        } else if self.first_day < from {
            Some((
                (1, Reverse(to)),
                Reason::CertificateNotYetValid { kind, from },
            ))
        } else if held.verified {
            None
        } else {
            Some(((0, Reverse(to)), Reason::CertificateUnverified { kind }))
        }
    }

    fn shift(&self, reasons: &mut Vec<Reason>) {
        if !on_duty(&self.nurse.duty, self.visit) {
            reasons.push(Reason::OffDuty);
        }
        // The drive counts too: she cannot set out from a ward.
        let away = self
            .nurse
            .absences
            .iter()
            .filter(|away| away.span.overlaps(self.nurse.taken));
        reasons.extend(away.map(|away| match away.kind {
            LeaveKind::Leave => Reason::OnLeave { to: away.span.to },
            LeaveKind::HospitalShift | LeaveKind::NightShift => {
                Reason::OnShift { to: away.span.to }
            }
        }));
    }

    /// A distance that is none (not a number, negative) is a place not known, never a place nearby.
    fn distance(&self) -> Option<f64> {
        self.nurse
            .distance_m
            .filter(|metres| metres.is_finite() && *metres >= 0.0)
    }

    fn reach(&self, reasons: &mut Vec<Reason>) {
        let radius_m = self.nurse.service_radius_m;
        let beyond = self
            .distance()
            .filter(|metres| *metres > f64::from(radius_m));
        reasons.extend(beyond.map(|metres| Reason::TooFar {
            distance_m: whole(metres),
            radius_m,
        }));
    }

    fn rest(&self, reasons: &mut Vec<Reason>) {
        let rest = TimeDelta::hours(i64::from(self.rules.rest_hours_after_night));
        let nights = self
            .nurse
            .absences
            .iter()
            .filter(|away| away.kind == LeaveKind::NightShift);
        let rested_at = nights
            .filter(|night| night.span.to <= self.nurse.taken.from)
            .map(|night| night.span.to + rest)
            .max();
        let tired = rested_at.filter(|until| self.nurse.taken.from < *until);
        reasons.extend(tired.map(|until| Reason::RestAfterNight { until }));
    }
}

/// Metres for a reader, rounded up so that what is beyond a radius also reads so.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "finite and not negative; the cast stops at the end of u32"
)]
fn whole(metres: f64) -> u32 {
    metres.ceil() as u32
}

/// Whether duty windows, one after the other, cover every minute of the visit.
fn on_duty(duty: &[DutyWindow], visit: Span) -> bool {
    let (from, to) = (local(visit.from), local(visit.to));
    // A window that began the evening before may reach into the visit.
    let first = from.date() - Days::new(1);
    let days = first.iter_days().take_while(|date| *date <= to.date());
    let mut spans: Vec<_> = days
        .flat_map(|date| duty.iter().filter_map(move |d| on(*d, date)))
        .collect();
    spans.sort_unstable();
    let mut covered = from;
    for (begins, ends) in spans {
        if begins <= covered {
            covered = covered.max(ends);
        }
    }
    covered >= to
}

/// The window on `date`, if it is its weekday.
fn on(window: DutyWindow, date: NaiveDate) -> Option<(NaiveDateTime, NaiveDateTime)> {
    let midnight = date.and_time(NaiveTime::MIN);
    let at = |minute: u16| midnight + TimeDelta::minutes(i64::from(minute));
    let ends = at(window.to_min) + Days::new(u64::from(window.to_min < window.from_min));
    (date.weekday() == window.weekday).then(|| (at(window.from_min), ends))
}
