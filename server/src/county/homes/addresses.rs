//! Where home patients live, as a phone would have sent it.

use entity::enums::Crs;

use super::Maker;
use crate::county::Address;
use crate::county::land::{VILLAGE_RADIUS_M, Village};
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

impl Maker<'_> {
    /// A home in a village, or for every seventh in the county town; with the health centre that looks after it.
    pub(super) fn home(&mut self, village: usize, number: u32) -> (usize, Address) {
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

    pub(super) fn town_home(&mut self, number: u32) -> (usize, Address) {
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
}
