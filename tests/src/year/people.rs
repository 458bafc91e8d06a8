//! Who is discharged, of what, and how each of them is: drawn before the year begins.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use entity::enums::IdKind;
use jiahu::county::people::PHONE_NETWORK;
use jiahu::domain::identity::IdNumber;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::Settings;

/// Region of the identity numbers; there is none of this number, and the county's people have another.
const REGION: &str = "169432";
/// Where the phones begin in their network, far from the county's.
const FIRST_PHONE: u64 = 60_000_000;
/// Share of people who come back to hospital within two months.
const READMITTED: f64 = 0.12;
/// Share of people who die within the half year after their last stay.
const DIES: f64 = 0.03;

const SURNAMES: &[&str] = &[
    "王", "李", "张", "刘", "赵", "郭", "杨", "陈", "高", "马", "孙", "郝",
];
const GIVEN: &[&str] = &[
    "秀", "玉", "桂", "淑", "凤", "兰", "英", "珍", "梅", "芳", "建", "国", "振", "金", "书", "庆",
    "长", "保", "文",
];

/// How somebody is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Temper {
    /// Answers the link within hours.
    Prompt,
    /// Answers the link days later.
    Late,
    /// Answers the phone.
    Phone,
    /// Answers the phone in the afternoon.
    Afternoon,
    /// Answers nobody.
    Never,
    /// The number is somebody else's.
    WrongNumber,
}

/// How somebody does exercises (field guide §4.10: most do not log).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Habit {
    /// Opens it once, logs nothing.
    Silent,
    /// Logs now and then for three weeks.
    Fading,
    /// Logs on most days.
    Faithful,
}

/// Somebody who is discharged.
#[derive(Clone, Debug)]
pub(super) struct Human {
    pub name: String,
    /// None: a newborn, or a patient of the demo whose papers are not known here.
    pub id_number: Option<String>,
    pub birth: NaiveDate,
    pub female: bool,
    pub phone: Option<String>,
    /// Account of the family.
    pub family: Option<usize>,
    /// The patient, once the server told.
    pub patient: Option<String>,
    pub temper: Temper,
    pub habit: Habit,
    pub weight: f64,
    /// Dies at this moment.
    pub dies_at: Option<DateTime<Utc>>,
    /// From when nobody may write any more: died, refused, moved.
    pub quiet_since: Option<DateTime<Utc>>,
    /// In hospital again, both days included.
    pub away: Vec<(NaiveDate, NaiveDate)>,
}

/// A way in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Way {
    Ward,
    List,
    Feed,
    Fhir,
}

/// A stay in hospital.
#[derive(Clone, Debug)]
pub(super) struct Stay {
    pub person: usize,
    /// Days after the first of the year.
    pub day: i64,
    /// Minute of that day on which it is told.
    pub minute: i64,
    /// Days in hospital.
    pub length: i64,
    pub way: Way,
    pub diagnoses: Vec<&'static str>,
    pub conditions: Vec<&'static str>,
    pub planned_again: bool,
    /// Put right, or taken back, or told by the system too.
    pub after: Option<After>,
    /// Days until the wound has healed.
    pub heals: Option<i64>,
    /// Days until somebody enters the tube in the register.
    pub registered: Option<i64>,
    /// The discharge, once the server told.
    pub discharge: Option<String>,
}

/// What happens to a discharge after it was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum After {
    Corrected,
    Cancelled,
    ToldBySystem,
}

/// A group with its diagnoses and conditions, how often it is met, and whether exercises belong to it.
type Kind = (&'static [&'static str], &'static [&'static str], u32, bool);

/// The twelve groups of field guide §3.2, some together, and codes that nobody knows.
const KINDS: &[Kind] = &[
    (&["I50.900"], &[], 12, true),
    (&["I21.900", "Z95.5"], &["pci"], 8, false),
    (&["I63.902", "I10.x00"], &[], 14, true),
    (&["I63.900", "E11.900"], &["tube_at_home"], 4, true),
    (&["J44.100"], &[], 12, true),
    (&["M17.100"], &["joint_replacement"], 8, true),
    (&["E11.900"], &["insulin_changed"], 7, false),
    (&["I10.x00"], &["urgent_referral"], 6, false),
    (&["C34.900"], &[], 5, false),
    (&["Z51.102", "C18.900"], &[], 5, false),
    (&["O80.900"], &[], 5, false),
    (&["Z38.000"], &[], 4, false),
    (&["Z43.100"], &["tube_at_home"], 3, false),
    (&["L89.200"], &["wound"], 4, false),
    (&["K80.200"], &[], 4, false),
    (&["U99.999x"], &[], 2, false),
    (&[], &[], 1, false),
];

/// Draws the people and their stays; `known` are patients of the demo with the account of their family.
pub(super) fn draw(
    settings: &Settings,
    known: &[(usize, String)],
    random: &mut ChaCha8Rng,
) -> (Vec<Human>, Vec<Stay>) {
    let (mut people, mut stays) = (Vec::new(), Vec::<Stay>::new());
    let mut known = known.iter();
    let mut numbers = BTreeSet::new();
    let days = i64::from(settings.days);
    while stays.len() < settings.discharges {
        let (diagnoses, conditions, _, exercises) = kind(random);
        let newborn = diagnoses.first() == Some(&"Z38.000");
        let woman = diagnoses.first() == Some(&"O80.900");
        // A list is read on the morning after.
        let day = random.random_range(0..(days - 1).max(1));
        let family = if exercises { known.next() } else { None };
        let person = people.len();
        people.push(human(person, newborn, woman, family, &mut numbers, random));
        let way = match random.random_range(0..100) {
            _ if family.is_some() => Way::Ward,
            0..30 => Way::Ward,
            30..50 if !newborn => Way::List,
            50..65 if !newborn => Way::Fhir,
            _ => Way::Feed,
        };
        let wound = conditions.contains(&"wound");
        // Some tubes nobody ever enters: they are followed on.
        let tube = conditions.contains(&"tube_at_home") && random.random_bool(0.7);
        let stay = Stay {
            person,
            day,
            minute: random.random_range(8 * 12..20 * 12) * 5,
            length: random.random_range(2..14),
            way,
            diagnoses: diagnoses.to_vec(),
            conditions: conditions.to_vec(),
            planned_again: diagnoses.first() == Some(&"Z51.102"),
            after: after(way, family.is_some() || newborn, random),
            heals: wound.then(|| random.random_range(20..70)),
            registered: tube.then(|| random.random_range(4..40)),
            discharge: None,
        };
        if newborn {
            people[person].birth = NaiveDate::default() + TimeDelta::days(day - stay.length);
        }
        let again = random.random_bool(READMITTED) && stay.after.is_none() && !newborn && !woman;
        stays.push(stay.clone());
        let length = random.random_range(2..8);
        let back = day + length + random.random_range(2..60);
        if again && back < days && stays.len() < settings.discharges {
            people[person].away.push(around(back - length, back));
            let way = if family.is_some() {
                Way::Ward
            } else {
                Way::Feed
            };
            stays.push(Stay {
                day: back,
                length,
                way,
                after: None,
                heals: None,
                registered: None,
                ..stay
            });
        } else if random.random_bool(DIES) && stay.after != Some(After::Cancelled) {
            // Days since the first of the year until the year is known.
            let at = day + random.random_range(5..180);
            people[person].dies_at = DateTime::<Utc>::from_timestamp(at * 86_400, 0);
        }
    }
    (people, stays)
}

/// Days of the year, to be moved when its first day is known.
fn around(from: i64, to: i64) -> (NaiveDate, NaiveDate) {
    let day = |days: i64| NaiveDate::default() + TimeDelta::days(days);
    (day(from), day(to))
}

fn kind(random: &mut ChaCha8Rng) -> (&'static [&'static str], &'static [&'static str], u32, bool) {
    let total: u32 = KINDS.iter().map(|(_, _, weight, _)| weight).sum();
    let mut rest = random.random_range(0..total);
    for kind in KINDS {
        if rest < kind.2 {
            return *kind;
        }
        rest -= kind.2;
    }
    KINDS[0]
}

fn after(way: Way, plain: bool, random: &mut ChaCha8Rng) -> Option<After> {
    match (way, random.random_range(0..100)) {
        _ if plain => None,
        (Way::Feed, 0..8) => Some(After::Corrected),
        (Way::Feed, 8..11) => Some(After::Cancelled),
        (Way::Ward, 0..10) => Some(After::ToldBySystem),
        _ => None,
    }
}

fn human(
    person: usize,
    newborn: bool,
    woman: bool,
    family: Option<&(usize, String)>,
    numbers: &mut BTreeSet<String>,
    random: &mut ChaCha8Rng,
) -> Human {
    let female = woman || random.random_bool(0.5);
    let birth = if newborn {
        // Comes with the stay.
        NaiveDate::default()
    } else {
        let year = if woman { 1990..2003 } else { 1936..1980 };
        let year = random.random_range(year);
        let first = NaiveDate::from_ymd_opt(year, 1, 1).unwrap_or_default();
        first + TimeDelta::days(random.random_range(0..365))
    };
    let number = person as u64 + FIRST_PHONE;
    let phone = format!("{PHONE_NETWORK}{:08}", number * 61_803_399 % 100_000_000);
    let pick = |list: &[&str], random: &mut ChaCha8Rng| {
        list[random.random_range(0..list.len())].to_owned()
    };
    let name = format!(
        "{}{}{}",
        pick(SURNAMES, random),
        pick(GIVEN, random),
        pick(GIVEN, random)
    );
    Human {
        name,
        id_number: (!newborn && family.is_none()).then(|| id_number(birth, female, numbers)),
        birth,
        female,
        phone: (family.is_none() && !random.random_bool(0.02)).then_some(phone),
        family: family.map(|(account, _)| *account),
        patient: family.map(|(_, patient)| patient.clone()),
        temper: match random.random_range(0..100) {
            0..32 => Temper::Prompt,
            32..44 => Temper::Late,
            44..76 => Temper::Phone,
            76..89 => Temper::Afternoon,
            89..97 => Temper::Never,
            _ => Temper::WrongNumber,
        },
        habit: match random.random_range(0..100) {
            0..55 => Habit::Silent,
            55..85 => Habit::Fading,
            _ => Habit::Faithful,
        },
        weight: f64::from(random.random_range(450..850)) / 10.0,
        dies_at: None,
        quiet_since: None,
        away: Vec::new(),
    }
}

fn id_number(birth: NaiveDate, female: bool, numbers: &mut BTreeSet<String>) -> String {
    let bodies = (0..500).map(|serial| {
        let serial = serial * 2 + u32::from(!female);
        format!("{REGION}{}{serial:03}", birth.format("%Y%m%d"))
    });
    let mut free = bodies.filter(|body| !numbers.contains(body));
    let body = free
        .next()
        .expect("fewer than 500 people share a birthday and a sex");
    numbers.insert(body.clone());
    let fits = |check: char| {
        let number = format!("{body}{check}");
        IdNumber::parse(IdKind::ResidentId, &number)
            .ok()
            .map(|_| number)
    };
    let number = "0123456789X".chars().find_map(fits);
    number.expect("one of the eleven check characters fits")
}

impl Human {
    /// In hospital on a day.
    pub(super) fn is_away(&self, day: NaiveDate) -> bool {
        self.away
            .iter()
            .any(|(from, to)| (*from..*to).contains(&day))
    }

    /// Not alive at a moment.
    pub(super) fn is_dead(&self, now: DateTime<Utc>) -> bool {
        self.dies_at.is_some_and(|at| at <= now)
    }

    /// The days of the year begin on this one.
    pub(super) fn move_days(&mut self, first: NaiveDate) {
        let shift = first - NaiveDate::default();
        for (from, to) in &mut self.away {
            (*from, *to) = (*from + shift, *to + shift);
        }
        self.dies_at = self.dies_at.map(|at| at + shift);
        if self.id_number.is_none() && self.family.is_none() {
            self.birth += shift;
        }
    }
}
