//! Why people are visited at home. The shares lean on what is really ordered (field guide §2.1): most are
//! wounds and PICC lines; the tubes that its interviews name stand beside them.

use entity::enums::Sex;

use super::Fact;
use Fact::{Allergy, Condition, Diagnosis};

/// A reason for visits at home.
pub(super) struct Need {
    /// Of a hundred patients, about this many.
    pub(super) share: u32,
    /// Items of the catalogue, the usual one first.
    pub(super) items: &'static [&'static str],
    /// What is on record, device included.
    pub(super) facts: &'static [Fact],
    /// What some of them have besides, each in so many of a hundred.
    pub(super) besides: &'static [(u32, Fact)],
    /// Full years, both ends included.
    pub(super) ages: (u32, u32),
    /// Where only one sex has it.
    pub(super) sex: Option<Sex>,
}

impl Need {
    /// A newborn, who has no document yet and whose mother is the carer.
    pub(super) fn is_newborn(&self) -> bool {
        self.ages.1 == 0
    }
}

const ANY: Option<Sex> = None;

const fn need(
    share: u32,
    items: &'static [&'static str],
    facts: &'static [Fact],
    besides: &'static [(u32, Fact)],
    ages: (u32, u32),
    sex: Option<Sex>,
) -> Need {
    Need {
        share,
        items,
        facts,
        besides,
        ages,
        sex,
    }
}

/// Every reason.
pub(super) const NEEDS: &[Need] = &[
    need(
        28,
        &["PI_12", "IAD"],
        &[Diagnosis("长期卧床"), Diagnosis("压力性损伤 2 期,骶尾部")],
        BEDRIDDEN,
        (68, 96),
        ANY,
    ),
    need(
        12,
        &["PI_34"],
        &[Diagnosis("长期卧床"), Diagnosis("压力性损伤 3 期,骶尾部")],
        BEDRIDDEN,
        (66, 95),
        ANY,
    ),
    need(
        22,
        &["PICC"],
        &[Diagnosis("恶性肿瘤化疗间歇期"), Diagnosis("PICC 置管状态")],
        TUMOUR,
        (38, 76),
        ANY,
    ),
    need(
        2,
        &["PORT"],
        &[Diagnosis("恶性肿瘤化疗间歇期"), Diagnosis("输液港植入状态")],
        TUMOUR,
        (40, 72),
        ANY,
    ),
    need(
        7,
        &["UC_CHG", "UC_CARE"],
        &[Diagnosis("神经源性膀胱"), Diagnosis("留置导尿状态")],
        TUBE,
        (62, 92),
        ANY,
    ),
    need(
        4,
        &["UC_CARE", "UC_CHG"],
        &[
            Diagnosis("前列腺增生"),
            Diagnosis("留置导尿状态"),
            Condition("bph"),
        ],
        TUBE,
        (66, 92),
        Some(Sex::Male),
    ),
    need(
        6,
        &["NG_CARE", "NG_CHG"],
        &[Diagnosis("脑梗死后吞咽障碍"), Diagnosis("留置胃管状态")],
        TUBE,
        (60, 92),
        ANY,
    ),
    need(
        4,
        &["SC", "BLOOD"],
        &[Diagnosis("2 型糖尿病,胰岛素治疗")],
        ELDER,
        (48, 85),
        ANY,
    ),
    need(
        3,
        &["ST_G"],
        &[Diagnosis("直肠恶性肿瘤术后"), Diagnosis("结肠造口状态")],
        TUMOUR,
        (45, 82),
        ANY,
    ),
    need(
        3,
        &["DR_C"],
        &[Diagnosis("2 型糖尿病"), Diagnosis("糖尿病足溃疡")],
        ELDER,
        (50, 84),
        ANY,
    ),
    need(
        2,
        &["RH_MOT", "RH_SWA"],
        &[Diagnosis("脑梗死恢复期,左侧偏瘫")],
        ELDER,
        (52, 84),
        ANY,
    ),
    need(
        1,
        &["TRACH", "SUCT"],
        &[Diagnosis("气管切开状态")],
        BEDRIDDEN,
        (45, 80),
        ANY,
    ),
    need(
        1,
        &["PD"],
        &[Diagnosis("慢性肾衰竭,腹膜透析状态")],
        ELDER,
        (40, 75),
        ANY,
    ),
    need(
        1,
        &["HOSP"],
        &[Diagnosis("恶性肿瘤终末期")],
        TUMOUR,
        (50, 88),
        ANY,
    ),
    need(
        1,
        &["DRAIN"],
        &[Diagnosis("胆道梗阻,PTCD 引流状态")],
        TUMOUR,
        (52, 82),
        ANY,
    ),
    need(
        1,
        &["STITCH", "DR_S"],
        &[Diagnosis("髋关节置换术后")],
        ELDER,
        (58, 84),
        ANY,
    ),
    need(
        1,
        &["MB_PP"],
        &[Diagnosis("产后")],
        &[],
        (22, 38),
        Some(Sex::Female),
    ),
    need(1, &["MB_NB"], &[], &[], (0, 0), ANY),
];

const ELDER: &[(u32, Fact)] = &[
    (45, Diagnosis("高血压 2 级")),
    (20, Diagnosis("冠心病")),
    (3, Condition("severe_heart_disease")),
    (7, Allergy("青霉素")),
    (3, Allergy("磺胺类药物")),
];
const BEDRIDDEN: &[(u32, Fact)] = &[
    (40, Diagnosis("脑梗死后遗症")),
    (35, Diagnosis("高血压 3 级")),
    (2, Condition("osteomyelitis")),
    (6, Allergy("青霉素")),
    (4, Allergy("碘伏")),
];
const TUMOUR: &[(u32, Fact)] = &[
    (15, Diagnosis("贫血")),
    (3, Condition("dvt")),
    (2, Condition("coagulopathy")),
    (6, Allergy("医用胶布")),
    (5, Allergy("头孢类药物")),
];
const TUBE: &[(u32, Fact)] = &[
    (45, Diagnosis("高血压 2 级")),
    (25, Diagnosis("脑梗死后遗症")),
    (2, Condition("urethral_stricture")),
    (2, Condition("coagulopathy")),
    (5, Allergy("乳胶")),
];
