//! Home patients, those who act for them, and where they live.

mod addresses;
mod carers;

use chrono::{Datelike, NaiveDate};
use entity::enums::{CarerRelation, IdKind, Sex};

use super::dice::Dice;
use super::needs::{NEEDS, Need};
use super::nurses::Town;
use super::people::{People, birth_date};
use super::profile::Profile;
use super::{Carer, Family, Patient};

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
}
