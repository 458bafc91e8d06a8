//! The roster: titles, years, papers, duty and certificates as a county hospital has them, flaws included.

use chrono::{Datelike, Days, Months, NaiveDate};
use entity::enums::{LeaveKind, NurseTitle, Sex};

use super::dice::Dice;
use super::land::{Land, Village};
use super::people::People;
use super::{Absence, Certificate, Duty, Institution, Nurse, Policy};
use crate::domain::place::Point;

/// Where people are put.
pub(super) struct Town<'a> {
    pub(super) land: &'a Land,
    pub(super) institutions: &'a [Institution],
    pub(super) villages: &'a [Village],
    pub(super) today: NaiveDate,
}

/// Who trains and examines for what home visits are mostly about.
const OWN: &str = "县域医共体护理部";

/// Kind, how many nurses of a hundred hold it at the hospital [M], and who issues it. What is ordered most is held most.
const KINDS: &[(&str, u32, &str)] = &[
    ("IV", 30, "河北省护理学会"),
    ("UC", 40, OWN),
    ("NG", 34, OWN),
    ("ET", 22, "中华护理学会"),
    ("STOMA", 9, OWN),
    ("RH", 10, "河北省护理学会"),
    ("SWALLOW", 5, OWN),
    ("MB", 7, "河北省护理学会"),
    ("PD", 4, "河北省护理学会"),
    ("RESP", 6, "河北省护理学会"),
    ("TCM", 8, "河北省中医药学会"),
    ("HOSPICE", 4, "河北省护理学会"),
    ("DRAIN", 9, OWN),
];

/// Radii that nurses choose, metres, with weights: from the own township to the whole county and beyond.
const RADII: &[(u32, u32)] = &[
    (5_000, 12),
    (8_000, 18),
    (10_000, 26),
    (15_000, 22),
    (20_000, 14),
    (30_000, 8),
];

/// Weekdays, Monday 1, and the local hours of duty on each.
type Pattern = (&'static [u32], &'static [(u32, u32)]);

/// Weekly patterns of duty for home visits with weights: three of four are on duty on a working day, fewer at the weekend and in
/// the evening, nobody at night.
const PATTERNS: &[(Pattern, u32)] = &[
    ((&[1, 2, 3, 4, 5], &[(8, 18)]), 28),
    ((&[1, 2, 3, 4, 5], &[(8, 12), (14, 18)]), 8),
    ((&[1, 2, 3, 4, 5, 6], &[(8, 20)]), 22),
    ((&[3, 4, 5, 6, 7], &[(8, 18)]), 14),
    ((&[1, 2, 5, 6, 7], &[(8, 18)]), 10),
    ((&[1, 2, 4, 5, 6, 7], &[(13, 21)]), 8),
    ((&[2, 4, 6], &[(8, 18)]), 4),
    ((&[6, 7], &[(8, 20)]), 3),
    ((&[1, 2, 3, 4, 5, 6, 7], &[(7, 15)]), 3),
];

/// A roster of so many nurses. Seven of ten are at the hospital.
pub(super) fn generate(
    town: &Town<'_>,
    dice: &mut Dice,
    people: &mut People,
    count: u32,
) -> Vec<Nurse> {
    (1..=count)
        .map(|number| nurse(town, dice, people, number))
        .collect()
}

fn nurse(town: &Town<'_>, dice: &mut Dice, people: &mut People, number: u32) -> Nurse {
    let institution = if dice.chance(70) {
        0
    } else {
        1 + dice.index(town.institutions.len() - 1)
    };
    let sex = if dice.chance(96) {
        Sex::Female
    } else {
        Sex::Male
    };
    // Two draws, the smaller one: many young nurses, some of thirty years. Few are listed before they may visit (R1).
    let years = dice.range(3, 34).min(dice.range(2, 34));
    let today = town.today;
    let practice_since = today - Months::new(12 * years) - Days::new(u64::from(dice.range(0, 300)));
    let licence_to = expiry(dice, today, 1_700, 2);
    Nurse {
        institution,
        name: people.name(dice, sex, practice_since.year() - 22),
        phone: people.phone(),
        sex,
        staff_no: format!("H{number:05}"),
        title: title(dice, years),
        licence_no: format!("{}16{number:06}", practice_since.year()),
        licence_from: licence_to - Months::new(60) + Days::new(1),
        licence_to,
        practice_since,
        training_passed_on: dice.chance(94).then(|| dice.day(today, 700, 0)),
        health_cert_to: dice.chance(98).then(|| expiry(dice, today, 360, 3)),
        accident_insurance: policy(dice, today, "AI", number),
        liability_insurance: policy(dice, today, "LI", number),
        active: !dice.chance(2),
        base: dice.chance(98).then(|| base(town, dice, institution)),
        radius_m: RADII[dice.weighted(RADII, |(_, weight)| *weight)].0,
        daily_cap: dice.range(2, 5) + dice.range(1, 3),
        duty: duty(dice),
        absences: absences(dice, today, institution),
        certificates: certificates(dice, today, institution, years, number),
    }
}

/// Titles come with years, but some never sit the next examination.
fn title(dice: &mut Dice, years: u32) -> NurseTitle {
    // Of a hundred: from 护士 to 主任护师.
    let shares: [u32; 5] = match years {
        0..3 => [100, 0, 0, 0, 0],
        3..5 => [50, 50, 0, 0, 0],
        5..10 => [14, 86, 0, 0, 0],
        10..20 => [3, 36, 61, 0, 0],
        _ => [0, 8, 64, 25, 3],
    };
    NurseTitle::ALL[dice.weighted(&shares, |share| *share)]
}

/// A last day within so many days from today; so many of a hundred lapsed in the last two months.
fn expiry(dice: &mut Dice, today: NaiveDate, within: u32, lapsed: u32) -> NaiveDate {
    if dice.chance(lapsed) {
        dice.day(today - Days::new(1), 60, 0)
    } else {
        dice.day(today + Days::new(10), 0, within)
    }
}

fn policy(dice: &mut Dice, today: NaiveDate, kind: &str, number: u32) -> Option<Policy> {
    let to = expiry(dice, today, 350, 3);
    dice.chance(98)
        .then(|| (format!("DEMO-{kind}-{number:06}"), to))
}

/// Hospital nurses live in the county town or in any village, the others in a village of their township.
fn base(town: &Town<'_>, dice: &mut Dice, institution: usize) -> Point {
    let at_work = town.institutions[institution].place;
    let own: Vec<&Village> = town
        .villages
        .iter()
        .filter(|village| institution == 0 || village.institution == institution)
        .collect();
    let home = match own.as_slice() {
        [] => at_work,
        _ if dice.chance(55) => town.land.near(dice, at_work, 2_500.0),
        villages => dice.pick(villages).place,
    };
    let grid = |degrees: f64| (degrees * 100.0).round() / 100.0;
    Point::new(grid(home.lng()), grid(home.lat())).expect("rounding does not leave the map")
}

fn duty(dice: &mut Dice) -> Vec<Duty> {
    let ((days, hours), _) = PATTERNS[dice.weighted(PATTERNS, |(_, weight)| *weight)];
    let windows = days.iter().flat_map(|weekday| {
        hours.iter().map(|(from, to)| Duty {
            weekday: *weekday,
            start_min: from * 60,
            end_min: to * 60,
        })
    });
    windows.collect()
}

/// Leave for a few, and the next shifts of every fifth hospital nurse.
fn absences(dice: &mut Dice, today: NaiveDate, institution: usize) -> Vec<Absence> {
    let mut absences = Vec::new();
    if dice.chance(6) {
        let days = dice.range(1, 10);
        absences.push(Absence {
            kind: LeaveKind::Leave,
            day: dice.day(today, 3, 10),
            hour: 0,
            hours: days * 24,
        });
    } else if institution == 0 && dice.chance(22) {
        let first = dice.day(today, 1, 2);
        let night = dice.chance(45);
        let (kind, hour, hours) = if night {
            (LeaveKind::NightShift, 20, 12)
        } else {
            (LeaveKind::HospitalShift, 8, 8)
        };
        // Every fourth day, as wards rotate.
        let days = [0, 4, 8].map(|days| first + Days::new(days));
        absences.extend(days.map(|day| Absence {
            kind,
            day,
            hour,
            hours,
        }));
    }
    absences
}

/// Specialties come with years; health centres have about half of what the hospital has.
fn certificates(
    dice: &mut Dice,
    today: NaiveDate,
    institution: usize,
    years: u32,
    number: u32,
) -> Vec<Certificate> {
    let mut certificates = Vec::new();
    for (kind, percent, issuer) in KINDS {
        // What the community trains itself is held at the health centres too; elsewhere people are sent from the hospital.
        let percent = if institution == 0 || *issuer == OWN {
            *percent
        } else {
            percent / 2 + 3
        };
        let held = dice.chance(percent);
        if !held || years < 3 {
            continue;
        }
        let valid_to = expiry(dice, today, 1_700, 5);
        let verified = dice.chance(92);
        certificates.push(Certificate {
            kind,
            number: format!("DEMO-{kind}-{number:06}"),
            issuer,
            valid_from: valid_to - Months::new(60) + Days::new(1),
            valid_to,
            verified,
            revoked: verified && dice.chance(2),
        });
    }
    certificates
}

impl Nurse {
    /// Whether her papers let her visit on a day, certificates of items aside (R1 and R21), and her place is known.
    pub fn is_ready(&self, day: NaiveDate) -> bool {
        let valid = |to: Option<NaiveDate>| to.is_some_and(|to| to >= day);
        let insured = |policy: &Option<Policy>| valid(policy.as_ref().map(|(_, to)| *to));
        self.active
            && self.base.is_some()
            && self.title >= NurseTitle::NursePractitioner
            && day
                .years_since(self.practice_since)
                .is_some_and(|years| years >= 5)
            && self.licence_to >= day
            && self.training_passed_on.is_some()
            && valid(self.health_cert_to)
            && insured(&self.accident_insurance)
            && insured(&self.liability_insurance)
    }
}
