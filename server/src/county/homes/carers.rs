//! Who acts for home patients: children, spouses, village doctors, the call centre.

use chrono::Datelike;
use entity::enums::{CarerRelation, ConsentBasis, Sex};

use super::Maker;
use crate::county::needs::Need;
use crate::county::{Carer, Family, Patient};

impl Maker<'_> {
    /// Those who act for a patient, the one who registered them first.
    pub(super) fn carers(&mut self, patient: &Patient, need: &Need, village: usize) -> Vec<Carer> {
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
