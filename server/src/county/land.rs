//! The land: townships, villages, and places in metres from the county's middle.

use std::collections::BTreeSet;

use super::dice::{Dice, Stream};
use crate::domain::place::{Point, distance_m};

/// Metres of a degree of latitude on the sphere that distances are measured on.
const DEGREE_M: f64 = 111_195.0;
/// Homes lie this far from the middle of their village at most, metres.
pub(super) const VILLAGE_RADIUS_M: f64 = 250.0;

const VILLAGE_SURNAMES: &[&str] = &[
    "王", "李", "张", "刘", "赵", "郭", "杨", "陈", "高", "马", "孙", "郝", "田", "申", "武", "任",
    "韩", "冯", "魏", "宋", "曹", "董", "胡", "贾", "霍", "石", "段", "史", "范", "崔", "路", "白",
    "牛", "薛",
];
const VILLAGE_ENDINGS: &[&str] = &["庄", "家庄", "营", "寨", "屯", "堡", "家堡", "店"];
const VILLAGE_SIDES: &[&str] = &["", "", "", "东", "西", "南", "北", "前", "后"];

/// A township as it is drawn: metres east and north of the county's middle.
#[derive(Clone, Copy, Debug)]
pub(super) struct Township {
    /// Statistical code.
    pub(super) code: &'static str,
    pub(super) name_zh: &'static str,
    pub(super) name_en: &'static str,
    pub(super) east_m: f64,
    pub(super) north_m: f64,
}

/// A village.
#[derive(Clone, Debug, PartialEq)]
pub struct Village {
    /// Its name.
    pub name: String,
    /// Its middle.
    pub place: Point,
    /// The health centre it belongs to, as an index of [`super::County::institutions`].
    pub institution: usize,
}

/// A square county around a middle.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Land {
    centre: Point,
    half_m: f64,
}

impl Land {
    /// A square of so many square kilometres.
    pub(super) fn new(centre: Point, area_km2: f64) -> Self {
        Self {
            centre,
            half_m: area_km2.sqrt() * 500.0,
        }
    }

    /// The middle.
    pub fn centre(&self) -> Point {
        self.centre
    }

    /// The place so many metres east and north of the middle.
    pub(super) fn at(&self, east_m: f64, north_m: f64) -> Point {
        let parallel_m = DEGREE_M * self.centre.lat().to_radians().cos();
        let lng = self.centre.lng() + east_m / parallel_m;
        let lat = self.centre.lat() + north_m / DEGREE_M;
        // Six decimals are a decimetre; more would only look precise.
        let cut = |degrees: f64| (degrees * 1e6).round() / 1e6;
        Point::new(cut(lng), cut(lat)).expect("a county is no place at the edge of the map")
    }

    /// A place within so many metres of another.
    pub(super) fn near(&self, dice: &mut Dice, place: Point, radius_m: f64) -> Point {
        let (east, north) = self.offset(place);
        // The root spreads places evenly over the disc.
        let away = dice.real(0.0, 1.0).sqrt() * radius_m;
        let angle = dice.real(0.0, std::f64::consts::TAU);
        self.at(east + away * angle.cos(), north + away * angle.sin())
    }

    fn offset(&self, place: Point) -> (f64, f64) {
        let parallel_m = DEGREE_M * self.centre.lat().to_radians().cos();
        (
            (place.lng() - self.centre.lng()) * parallel_m,
            (place.lat() - self.centre.lat()) * DEGREE_M,
        )
    }

    /// Whether a place lies in the county.
    pub fn contains(&self, place: Point) -> bool {
        let (east, north) = self.offset(place);
        east.abs() <= self.half_m && north.abs() <= self.half_m
    }

    /// Villages spread over the land, each with the nearest of the health centres.
    pub(super) fn villages(
        &self,
        seed: u64,
        count: usize,
        centres: &[(usize, Point)],
    ) -> Vec<Village> {
        let mut dice = Dice::new(seed, Stream::Land);
        let mut names = BTreeSet::new();
        let places = self.spread(&mut dice, count);
        let villages = places.into_iter().map(|place| {
            let near = |(_, centre): &&(usize, Point)| distance_m(*centre, place);
            let nearest = centres.iter().min_by(|a, b| near(a).total_cmp(&near(b)));
            Village {
                name: village_name(&mut dice, &mut names),
                place,
                institution: nearest.map_or(0, |(index, _)| *index),
            }
        });
        villages.collect()
    }

    /// Places that keep their distance from each other, so that no corner of the county is empty.
    fn spread(&self, dice: &mut Dice, count: usize) -> Vec<Point> {
        const TRIES: u32 = 200;
        let reach = self.half_m - VILLAGE_RADIUS_M - 1.0;
        #[expect(clippy::cast_precision_loss, reason = "some hundred villages")]
        let mut gap = 1.2 * self.half_m / (count.max(1) as f64).sqrt();
        let mut places: Vec<Point> = Vec::with_capacity(count);
        while places.len() < count {
            let free = (0..TRIES).find_map(|_| {
                let place = self.at(dice.real(-reach, reach), dice.real(-reach, reach));
                places
                    .iter()
                    .all(|other| distance_m(*other, place) >= gap)
                    .then_some(place)
            });
            match free {
                Some(place) => places.push(place),
                None => gap *= 0.9,
            }
        }
        places
    }
}

fn village_name(dice: &mut Dice, taken: &mut BTreeSet<String>) -> String {
    loop {
        let side = dice.pick(VILLAGE_SIDES);
        let name = format!(
            "{side}{}{}",
            dice.pick(VILLAGE_SURNAMES),
            dice.pick(VILLAGE_ENDINGS)
        );
        if taken.insert(name.clone()) {
            return name;
        }
    }
}
