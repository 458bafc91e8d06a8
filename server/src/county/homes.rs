//! Home patients, those who act for them, and where they live.

use chrono::{Datelike, NaiveDate};
use entity::enums::{CarerRelation, ConsentBasis, Crs, IdKind, Sex};

use super::dice::Dice;
use super::land::{VILLAGE_RADIUS_M, Village};
use super::needs::{NEEDS, Need};
use super::nurses::Town;
use super::people::{People, birth_date};
use super::profile::Profile;
use super::{Address, Carer, Family, Patient};
use crate::domain::place::{Point, SourcePlace, gcj02_to_bd09, wgs84_to_gcj02};

/// Homes of the county town lie this far from the hospital at most, metres.
const TOWN_RADIUS_M: f64 = 1_500.0;
const STREETS: &[&str] = &["人民路", "建设街", "毛遂大街", "文化路", "振兴街", "光明路"];
const ESTATES: &[&str] = &["幸福小区", "阳光家园", "金色小区", "书香苑", "和谐小区"];
const LANDMARKS: &[&str] = &[
    "村口小卖部东侧第三家,红色铁门",
    "村委会后面第二排,门前有棵老槐树",
    "卫生室往南二百米,路西",
    "小学北墙外第一家",
    "水塔旁,蓝色大门",
    "进村第一个路口右转,门口停着三轮车",
    "面粉厂对面胡同走到头",
];

/// Patients and the accounts that act for them.
pub(super) struct Homes {
    pub(super) families: Vec<Family>,
    pub(super) patients: Vec<Patient>,
}

/// So many patients. Two village doctors in each township book for those without children near, and one call
/// centre books for some.
pub(super) fn generate(
    town: &Town<'_>,
    profile: &Profile,
    dice: &mut Dice,
    people: &mut People,
    count: u32,
) -> Homes {
    let doctors = 2 * (town.institutions.len() - 1);
    let mut maker = Maker {
        town,
        profile,
        dice,
        people,
        families: Vec::new(),
        call_centre: doctors,
    };
    // One more than there are doctors: the call centre.
    for _ in 0..=doctors {
        maker.family(Sex::Female, 1980);
    }
    let mut patients: Vec<Patient> = Vec::new();
    for number in 0..count {
        let patient = match patients.last() {
            Some(previous) if maker.dice.chance(12) => maker.spouse_of(previous, number),
            _ => None,
        };
        let patient = patient.unwrap_or_else(|| maker.patient(number));
        patients.push(patient);
    }
    Homes {
        families: maker.families,
        patients,
    }
}

struct Maker<'a> {
    town: &'a Town<'a>,
    profile: &'a Profile,
    dice: &'a mut Dice,
    people: &'a mut People,
    families: Vec<Family>,
    /// Index of the call centre's account; those before it are village doctors.
    call_centre: usize,
}

impl Maker<'_> {
    fn family(&mut self, sex: Sex, birth_year: i32) -> usize {
        self.families.push(Family {
            name: self.people.name(self.dice, sex, birth_year),
            phone: self.people.phone(),
        });
        self.families.len() - 1
    }

    /// A patient with carers and a home of their own.
    fn patient(&mut self, number: u32) -> Patient {
        let need = &NEEDS[self.dice.weighted(NEEDS, |need| need.share)];
        let village = self.dice.index(self.town.villages.len());
        let (institution, home) = self.home(village, number);
        let mut patient = self.person(need, number);
        patient.institution = institution;
        patient.addresses.push(home);
        if self.dice.chance(4) {
            // The daughter's flat in town.
            let (_, second) = self.town_home(number);
            patient.addresses.push(second);
        }
        patient.carers = self.carers(&patient, need, village);
        patient
    }

    /// Husband or wife in the same home, looked after by the same people.
    fn spouse_of(&mut self, other: &Patient, number: u32) -> Option<Patient> {
        let age = self.town.today.years_since(other.birth_date)?;
        let fits = |need: &&Need| need.ages.0 <= age && age <= need.ages.1 && need.sex.is_none();
        let needs: Vec<&Need> = NEEDS.iter().filter(fits).collect();
        let children = other
            .carers
            .iter()
            .filter(|carer| carer.relation == CarerRelation::Child);
        let carers: Vec<Carer> = children.copied().collect();
        if age < 50 || needs.is_empty() || carers.is_empty() {
            return None;
        }
        let need = needs[self.dice.weighted(&needs, |need| need.share)];
        let sex = if other.sex == Sex::Male {
            Sex::Female
        } else {
            Sex::Male
        };
        let birth = birth_date(self.dice, self.town.today, age);
        let mut patient = self.person_born(need, number, sex, birth);
        patient.institution = other.institution;
        patient.addresses.clone_from(&other.addresses);
        patient.carers = carers;
        Some(patient)
    }

    fn person(&mut self, need: &Need, number: u32) -> Patient {
        let age = self.dice.range(need.ages.0, need.ages.1);
        let sex = need.sex.unwrap_or(if self.dice.chance(52) {
            Sex::Female
        } else {
            Sex::Male
        });
        let birth = if need.is_newborn() {
            self.dice.day(self.town.today, 24, 0)
        } else {
            birth_date(self.dice, self.town.today, age)
        };
        self.person_born(need, number, sex, birth)
    }

    fn person_born(&mut self, need: &Need, number: u32, sex: Sex, birth: NaiveDate) -> Patient {
        let id_kind = match number % 131 {
            _ if need.is_newborn() => IdKind::NewbornNone,
            40 => IdKind::HmtResidencePermit,
            _ => IdKind::ResidentId,
        };
        let id_number = (id_kind != IdKind::NewbornNone)
            .then(|| self.people.id_number(self.dice, id_kind, birth, sex));
        let own_phone = !need.is_newborn() && self.dice.chance(35);
        let besides = need
            .besides
            .iter()
            .filter(|(percent, _)| self.dice.chance(*percent));
        let facts = need
            .facts
            .iter()
            .copied()
            .chain(besides.map(|(_, fact)| *fact))
            .collect();
        Patient {
            institution: 0,
            name: self.people.name(self.dice, sex, birth.year()),
            id_kind,
            id_number,
            birth_date: birth,
            sex,
            phone: own_phone.then(|| self.people.phone()),
            same_sex_nurse: sex == Sex::Female && self.dice.chance(4),
            carers: Vec::new(),
            facts,
            addresses: Vec::new(),
            usual_items: need.items,
        }
    }

    /// A home in a village, or for every seventh in the county town; with the health centre that looks after it.
    fn home(&mut self, village: usize, number: u32) -> (usize, Address) {
        if self.dice.chance(15) {
            return self.town_home(number);
        }
        let Village {
            name,
            place,
            institution,
        } = &self.town.villages[village];
        let township = &self.town.institutions[*institution];
        let home = self.town.land.near(self.dice, *place, VILLAGE_RADIUS_M);
        let address = Address {
            text: format!(
                "{}{}{name}村{}号",
                self.profile.region_zh,
                township.township_zh,
                self.dice.range(1, 180)
            ),
            landmark: self
                .dice
                .chance(85)
                .then(|| self.dice.pick(LANDMARKS).to_owned()),
            township_code: township.code,
            place: self.fix(home, number),
            fence_radius_m: self.dice.pick(&[150, 200, 200, 300]),
        };
        (*institution, address)
    }

    fn town_home(&mut self, number: u32) -> (usize, Address) {
        // The first health centre is that of the township around the hospital.
        let township = &self.town.institutions[1];
        let home = self
            .town
            .land
            .near(self.dice, self.town.land.centre(), TOWN_RADIUS_M);
        let (street, estate) = (self.dice.pick(STREETS), self.dice.pick(ESTATES));
        let (building, entrance) = (self.dice.range(1, 20), self.dice.range(1, 4));
        let address = Address {
            text: format!(
                "{}{}{street}{}号{estate}{building}号楼{entrance}单元{}01",
                self.profile.region_zh,
                township.township_zh,
                self.dice.range(1, 200),
                self.dice.range(1, 6)
            ),
            landmark: None,
            township_code: township.code,
            place: self.fix(home, number),
            fence_radius_m: 200,
        };
        (1, address)
    }

    /// The place as a phone would have sent it: mostly from a map, so shifted. Every 37th home has none.
    fn fix(&mut self, home: Point, number: u32) -> Option<SourcePlace> {
        let crs = match self.dice.range(0, 9) {
            0..2 => Crs::Wgs84,
            2 => Crs::Bd09,
            _ => Crs::Gcj02,
        };
        let shifted = |(lng, lat): (f64, f64)| match crs {
            Crs::Wgs84 => (lng, lat),
            Crs::Gcj02 => wgs84_to_gcj02(lng, lat),
            Crs::Bd09 => {
                let (lng, lat) = wgs84_to_gcj02(lng, lat);
                gcj02_to_bd09(lng, lat)
            }
        };
        let (lng, lat) = shifted((home.lng(), home.lat()));
        let accuracy = f64::from(self.dice.range(5, 60));
        let known = number % 37 != 29;
        known
            .then(|| SourcePlace::new(crs, lng, lat, Some(accuracy)).expect("a home in the county"))
    }

    /// Those who act for a patient, the one who registered them first.
    fn carers(&mut self, patient: &Patient, need: &Need, village: usize) -> Vec<Carer> {
        let born = patient.birth_date.year();
        let mut carers = vec![match self.dice.range(0, 99) {
            _ if need.is_newborn() => self.relative(CarerRelation::Parent, Sex::Female, born - 27),
            0..66 => self.child(born),
            66..78 => self.relative(CarerRelation::Spouse, opposite(patient.sex), born),
            78..83 => self.oneself(patient),
            83..93 => self.village_doctor(village),
            93..96 => carer(
                self.call_centre,
                CarerRelation::CallCentre,
                ConsentBasis::Verbal,
            ),
            _ => self.relative(CarerRelation::Relative, Sex::Female, born + 20),
        }];
        if !need.is_newborn() && self.dice.chance(22) {
            let second = if self.dice.chance(50) {
                self.village_doctor(village)
            } else {
                self.child(born)
            };
            if carers[0].family != second.family {
                // Some only look on.
                carers.push(Carer {
                    may_book: self.dice.chance(75),
                    ..second
                });
            }
        }
        carers
    }

    fn child(&mut self, parent_born: i32) -> Carer {
        let sex = if self.dice.chance(60) {
            Sex::Female
        } else {
            Sex::Male
        };
        self.relative(CarerRelation::Child, sex, parent_born + 26)
    }

    fn relative(&mut self, relation: CarerRelation, sex: Sex, born: i32) -> Carer {
        let consent = match relation {
            CarerRelation::Parent => ConsentBasis::Guardianship,
            _ if self.dice.chance(60) => ConsentBasis::Written,
            _ => ConsentBasis::Verbal,
        };
        carer(self.family(sex, born), relation, consent)
    }

    fn oneself(&mut self, patient: &Patient) -> Carer {
        let phone = patient.phone.clone().unwrap_or_else(|| self.people.phone());
        self.families.push(Family {
            name: patient.name.clone(),
            phone,
        });
        carer(
            self.families.len() - 1,
            CarerRelation::Oneself,
            ConsentBasis::Oneself,
        )
    }

    fn village_doctor(&mut self, village: usize) -> Carer {
        let township = self.town.villages[village].institution - 1;
        carer(
            2 * township + village % 2,
            CarerRelation::VillageDoctor,
            ConsentBasis::Verbal,
        )
    }
}

fn opposite(sex: Sex) -> Sex {
    match sex {
        Sex::Female => Sex::Male,
        Sex::Male => Sex::Female,
    }
}

fn carer(family: usize, relation: CarerRelation, consent: ConsentBasis) -> Carer {
    Carer {
        family,
        relation,
        consent,
        may_book: true,
    }
}
