//! What is fixed about a county: its codes and names, its institutions and its desks.

use entity::enums::{InstitutionKind, Role, Sex};

use super::dice::Dice;
use super::land::{Land, Township};
use super::people::People;
use super::{Desk, Institution};
use crate::domain::phone::Phone;
use crate::domain::place::Point;

/// A county to be filled with people.
pub(super) struct Profile {
    pub(super) code: &'static str,
    pub(super) name_zh: &'static str,
    pub(super) name_en: &'static str,
    /// Head of every address.
    pub(super) region_zh: &'static str,
    hospital: (&'static str, &'static str, &'static str),
    /// Longitude and latitude of the hospital.
    centre: (f64, f64),
    area_km2: f64,
    pub(super) villages: usize,
    townships: &'static [Township],
    /// Where its phones begin in the network.
    pub(super) first_phone: u64,
}

/// 鸡泽县 (design §5). Codes, names and the hospital's place are real; where a township's middle lies is drawn
/// by hand, not surveyed.
pub(super) const JIZE: Profile = Profile {
    code: "130431",
    name_zh: "鸡泽县",
    name_en: "Jize County",
    region_zh: "河北省邯郸市鸡泽县",
    hospital: ("130431000", "鸡泽县医院", "Jize County Hospital"),
    centre: (114.88, 36.92),
    area_km2: 337.0,
    villages: 360,
    townships: &[
        township("130431100", "鸡泽镇", "Jize", 900.0, -600.0),
        township("130431101", "小寨镇", "Xiaozhai", -5_600.0, -4_900.0),
        township("130431102", "双塔镇", "Shuangta", 5_800.0, -4_700.0),
        township("130431103", "曹庄镇", "Caozhuang", -5_300.0, 5_100.0),
        township("130431104", "浮图店镇", "Futudian", 300.0, -6_700.0),
        township("130431105", "吴官营镇", "Wuguanying", 1_100.0, 6_400.0),
        township("130431202", "风正乡", "Fengzheng", 6_300.0, 2_000.0),
    ],
    first_phone: 0,
};

/// A county that does not exist: no county of the prefecture has the number 99.
pub(super) const NEIGHBOUR: Profile = Profile {
    code: "130499",
    name_zh: "演示二县",
    name_en: "Second Demo County",
    region_zh: "演示二县",
    hospital: ("130499000", "演示二县医院", "Second Demo County Hospital"),
    centre: (115.30, 36.70),
    area_km2: 60.0,
    villages: 18,
    townships: &[
        township("130499100", "演示东镇", "Demo East", 2_000.0, 300.0),
        township("130499101", "演示西镇", "Demo West", -2_100.0, -400.0),
    ],
    first_phone: 50_000_000,
};

const fn township(
    code: &'static str,
    name_zh: &'static str,
    name_en: &'static str,
    east_m: f64,
    north_m: f64,
) -> Township {
    Township {
        code,
        name_zh,
        name_en,
        east_m,
        north_m,
    }
}

impl Profile {
    pub(super) fn land(&self) -> Land {
        let (lng, lat) = self.centre;
        Land::new(
            Point::new(lng, lat).expect("a county has a middle"),
            self.area_km2,
        )
    }

    /// The hospital, then a health centre for each township.
    pub(super) fn institutions(&self, land: &Land) -> Vec<Institution> {
        let (code, name_zh, name_en) = self.hospital;
        let hospital = Institution {
            code,
            kind: InstitutionKind::LeadHospital,
            name_zh: name_zh.to_owned(),
            name_en: name_en.to_owned(),
            township_zh: self.townships[0].name_zh,
            phone: landline(0),
            place: land.centre(),
            practice_licence: format!("DEMO-{code}"),
        };
        let centres = (1_u32..)
            .zip(self.townships)
            .map(|(number, township)| Institution {
                code: township.code,
                kind: InstitutionKind::HealthCentre,
                name_zh: format!("{}卫生院", township.name_zh),
                name_en: format!("{} Health Centre", township.name_en),
                township_zh: township.name_zh,
                phone: landline(number),
                place: land.at(township.east_m, township.north_m),
                practice_licence: format!("DEMO-{}", township.code),
            });
        std::iter::once(hospital).chain(centres).collect()
    }
}

/// No line of an area code begins with 0.
fn landline(number: u32) -> Phone {
    Phone::parse(&format!("0310-{number:07}")).expect("an area code and seven digits")
}

/// At the hospital one of each role and a second coordinator; at each health centre a coordinator, at every
/// second one a doctor. Nobody is both administrator and auditor.
pub(super) fn desk(dice: &mut Dice, people: &mut People, institutions: usize) -> Vec<Desk> {
    let hospital = [
        Role::Coordinator,
        Role::Coordinator,
        Role::Doctor,
        Role::Supervisor,
        Role::Admin,
        Role::Auditor,
    ];
    let centres = (1..institutions).flat_map(|institution| {
        let doctor = (institution % 2 == 1).then_some((institution, Role::Doctor));
        std::iter::once((institution, Role::Coordinator)).chain(doctor)
    });
    let posts = hospital.into_iter().map(|role| (0, role)).chain(centres);
    let desks = posts.map(|(institution, role)| {
        let sex = if dice.chance(70) {
            Sex::Female
        } else {
            Sex::Male
        };
        Desk {
            role,
            institution,
            name: people.name(dice, sex, 1982),
            phone: people.phone(),
        }
    });
    desks.collect()
}
