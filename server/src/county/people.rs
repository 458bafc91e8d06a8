//! Invented persons: names, phones and identity numbers that belong to nobody.

use std::collections::BTreeSet;

use chrono::{Datelike, NaiveDate};
use entity::enums::{IdKind, Sex};

use super::dice::Dice;
use crate::domain::identity::IdNumber;
use crate::domain::name::PersonName;
use crate::domain::phone::Phone;

/// Network of the phones. The ministry had given 154 to no operator when it last published its list
/// (公众移动通信网网号分配情况, March 2023).
pub const PHONE_NETWORK: &str = "154";
/// Region in front of the identity numbers. Provinces are numbered from 11, in tens by area; 16 is none.
pub const ID_REGION: &str = "169431";
/// The same for residence permits of 香港: the only one given is 810000.
pub const HMT_REGION: &str = "819431";

/// Common surnames of southern Hebei, the most common first.
const SURNAMES: &[&str] = &[
    "王", "李", "张", "刘", "赵", "郭", "杨", "陈", "高", "马", "孙", "郝", "田", "申", "武", "任",
    "韩", "冯", "魏", "宋", "曹", "董", "胡", "贾", "霍", "石", "段", "史", "范", "崔", "路", "白",
    "牛", "薛", "侯", "黄", "殷", "苗", "裴", "欧阳", "司马", "诸葛",
];
const ELDER_WOMEN: &[&str] = &[
    "秀", "玉", "桂", "淑", "凤", "兰", "英", "珍", "梅", "芳", "莲", "荣", "巧", "素", "爱", "春",
    "云", "霞",
];
const ELDER_MEN: &[&str] = &[
    "建", "国", "振", "玉", "金", "书", "庆", "长", "保", "文", "德", "海", "山", "林", "军", "明",
    "成", "生",
];
const YOUNG_WOMEN: &[&str] = &[
    "丽", "娜", "静", "敏", "婷", "雪", "晓", "燕", "佳", "欣", "倩", "颖", "莹", "月", "慧", "琳",
    "萌", "雨",
];
const YOUNG_MEN: &[&str] = &[
    "伟", "强", "磊", "鹏", "浩", "宇", "杰", "涛", "超", "凯", "博", "晨", "亮", "飞", "斌", "帅",
    "旭", "辉",
];
/// Characters beyond the first plane, four bytes each: what breaks a careless system.
const RARE: &[&str] = &["𠮷", "𬭎", "𣲘", "𬱖", "𫖯", "𬍛"];
const MINORITY_WOMEN: &[&str] = &["古丽", "阿依努尔", "热依汗", "其其格", "帕提古丽"];
const MINORITY_MEN: &[&str] = &["艾力", "吐尔逊", "巴特尔", "阿卜杜拉", "扎西"];
const MINORITY_FATHERS: &[&str] = &["艾合买提", "库尔班", "肉孜", "买买提", "孟和", "多杰"];

/// Gives out persons, each phone and number once.
pub(super) struct People {
    named: u32,
    next_phone: u64,
    id_numbers: BTreeSet<String>,
}

impl People {
    /// Phones start at a place of their own in the network; two counties never share one.
    pub(super) fn new(first_phone: u64) -> Self {
        Self {
            named: 0,
            next_phone: first_phone,
            id_numbers: BTreeSet::new(),
        }
    }

    /// A name that fits sex and year of birth. Every 61st is of a minority, every 97th has a rare character.
    pub(super) fn name(&mut self, dice: &mut Dice, sex: Sex, birth_year: i32) -> PersonName {
        let surname = dice.pick_early(SURNAMES);
        let given = given(dice, sex, birth_year);
        self.named += 1;
        let text = if self.named % 61 == 17 {
            let own = match sex {
                Sex::Female => dice.pick(MINORITY_WOMEN),
                Sex::Male => dice.pick(MINORITY_MEN),
            };
            format!("{own}·{}", dice.pick(MINORITY_FATHERS))
        } else if self.named % 97 == 11 {
            format!("{surname}{}", dice.pick(RARE))
        } else {
            format!("{surname}{given}")
        };
        PersonName::parse(&text).expect("the lists hold letters only")
    }

    /// A phone that nobody has.
    pub(super) fn phone(&mut self) -> Phone {
        // A step that shares no factor with the range visits every number once.
        const RANGE: u64 = 100_000_000;
        const STEP: u64 = 61_803_399;
        let number = self.next_phone.wrapping_mul(STEP) % RANGE;
        self.next_phone += 1;
        Phone::parse(&format!("{PHONE_NETWORK}{number:08}")).expect("eleven digits from 154")
    }

    /// An identity number that nobody has; its checksum, birth date and sex are right.
    pub(super) fn id_number(
        &mut self,
        dice: &mut Dice,
        kind: IdKind,
        birth: NaiveDate,
        sex: Sex,
    ) -> IdNumber {
        let region = match kind {
            IdKind::HmtResidencePermit => HMT_REGION,
            _ => ID_REGION,
        };
        let first = dice.range(0, 499);
        let bodies = (first..first + 500).map(|serial| {
            let serial = serial % 500 * 2 + u32::from(sex == Sex::Male);
            format!("{region}{}{serial:03}", birth.format("%Y%m%d"))
        });
        let free = bodies.filter(|body| !self.id_numbers.contains(body));
        let body = free
            .take(1)
            .last()
            .expect("fewer than 500 people share a birthday and a sex");
        let number = "0123456789X"
            .chars()
            .find_map(|check| IdNumber::parse(kind, &format!("{body}{check}")).ok())
            .expect("one of the eleven check characters fits");
        self.id_numbers.insert(body);
        number
    }
}

fn given(dice: &mut Dice, sex: Sex, birth_year: i32) -> String {
    let list = match (sex, birth_year < 1975) {
        (Sex::Female, true) => ELDER_WOMEN,
        (Sex::Female, false) => YOUNG_WOMEN,
        (Sex::Male, true) => ELDER_MEN,
        (Sex::Male, false) => YOUNG_MEN,
    };
    let (one, other) = (dice.pick(list), dice.pick(list));
    if one == other || dice.chance(30) {
        one.to_owned()
    } else {
        format!("{one}{other}")
    }
}

/// A birth date that makes somebody `age` full years old today.
pub(super) fn birth_date(dice: &mut Dice, today: NaiveDate, age: u32) -> NaiveDate {
    let back = i32::try_from(age).unwrap_or(0);
    let year = today.year() - back;
    // 29 February exists in few years only; the day before it always does.
    let latest = today.with_year(year).unwrap_or_else(|| {
        NaiveDate::from_ymd_opt(year, 2, 28).expect("28 February is in every year")
    });
    dice.day(latest, 363, 0)
}
