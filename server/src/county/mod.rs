//! The demo county: one generator for the demo, the tests and the simulator (design §5).
//!
//! [`generate`] is pure: seed, size and day in, a whole county out, the same on every machine. [`load`] writes
//! it to a database. Every person is invented; see [`people`] for the numbers that belong to nobody.

mod dice;
mod homes;
mod land;
mod load;
mod logins;
mod model;
mod needs;
mod nurses;
pub mod people;
mod profile;
mod rows;

use chrono::NaiveDate;

use crate::domain::place::Point;

use dice::{Dice, Stream};
use people::People;
use profile::Profile;

pub use land::{Land, Village};
pub use load::{Prepared, is_loaded, load, prepare};
pub(crate) use logins::write_private;
pub use logins::{DemoLogins, Login, Logins, PatientOfLogin};
pub use model::{
    Absence, Address, Carer, Certificate, County, Desk, Duty, Fact, Family, Institution, Nurse,
    Patient, Policy,
};

/// Code of the county itself.
pub const CODE: &str = profile::JIZE.code;
/// Code of the small neighbour, which shows that nothing leaks from one community to another.
pub const NEIGHBOUR_CODE: &str = profile::NEIGHBOUR.code;
/// Size of the neighbour next to the county.
const NEIGHBOUR_SCALE: f64 = 0.05;

/// Nurses at scale 1, as the seed hospital reports them.
const NURSES: u32 = 190;
/// Home patients at scale 1.
const PATIENTS: u32 = 269;

/// The county of the lead hospital. Scale 1 is 190 nurses and 269 home patients; the land stays the same.
pub fn generate(seed: u64, scale: f64, today: NaiveDate) -> County {
    of(&profile::JIZE, seed, scale, today)
}

/// A small invented county beside it, with persons of its own.
pub fn neighbour(seed: u64, today: NaiveDate) -> County {
    of(&profile::NEIGHBOUR, seed, NEIGHBOUR_SCALE, today)
}

fn of(profile: &Profile, seed: u64, scale: f64, today: NaiveDate) -> County {
    // The neighbour of a seed is not a piece of the county of that seed.
    let seed = seed.wrapping_add(profile.first_phone);
    let land = profile.land();
    let institutions = profile.institutions(&land);
    let centres: Vec<(usize, Point)> = (0..)
        .zip(&institutions)
        .skip(1)
        .map(|(n, i)| (n, i.place))
        .collect();
    let villages = land.villages(seed, profile.villages, &centres);
    let mut people = People::new(profile.first_phone);
    let desk = profile::desk(
        &mut Dice::new(seed, Stream::Desk),
        &mut people,
        institutions.len(),
    );
    let town = nurses::Town {
        land: &land,
        institutions: &institutions,
        villages: &villages,
        today,
    };
    let nurses = nurses::generate(
        &town,
        &mut Dice::new(seed, Stream::Nurses),
        &mut people,
        sized(NURSES, scale),
    );
    let homes = homes::generate(
        &town,
        profile,
        &mut Dice::new(seed, Stream::Homes),
        &mut people,
        sized(PATIENTS, scale),
    );
    County {
        code: profile.code,
        name_zh: profile.name_zh,
        name_en: profile.name_en,
        land,
        today,
        institutions,
        villages,
        desk,
        nurses,
        families: homes.families,
        patients: homes.patients,
    }
}

/// How many at a scale, one at the least.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float cast stops at the ends of u32"
)]
fn sized(at_scale_one: u32, scale: f64) -> u32 {
    ((f64::from(at_scale_one) * scale).round() as u32).max(1)
}
