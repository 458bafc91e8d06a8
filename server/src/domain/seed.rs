//! The rule files that come with the program (`server/data/`), read once.
//!
//! They are what a new community starts with. From then on the nursing department publishes its own versions,
//! in the same JSON, and the tables hold the truth.

use std::sync::LazyLock;

use super::{
    calendar::Calendar,
    catalogue::Catalogue,
    charge::Entitlements,
    consent::ConsentTexts,
    device::DeviceRules,
    follow_up::FollowUpRules,
    harm::HarmKinds,
    indicator::IndicatorRules,
    price::PriceRules,
    questionnaire::Questionnaires,
    record_form::RecordForms,
    red_flag::RedFlags,
    rehab::ExerciseLibrary,
    rulefile::{self, RuleFile},
    scale::Scales,
    visit_rules::VisitRules,
    vitals::VitalRules,
};

/// `data/catalogue.json` as shipped.
pub const CATALOGUE_JSON: &str = include_str!("../../data/catalogue.json");
/// `data/prices.json` as shipped.
pub const PRICES_JSON: &str = include_str!("../../data/prices.json");
/// `data/holidays.json` as shipped.
pub const HOLIDAYS_JSON: &str = include_str!("../../data/holidays.json");
/// `data/consents.json` as shipped.
pub const CONSENTS_JSON: &str = include_str!("../../data/consents.json");
/// `data/visit_rules.json` as shipped.
pub const VISIT_RULES_JSON: &str = include_str!("../../data/visit_rules.json");
/// `data/devices.json` as shipped.
pub const DEVICES_JSON: &str = include_str!("../../data/devices.json");
/// `data/harm.json` as shipped.
pub const HARM_JSON: &str = include_str!("../../data/harm.json");
/// `data/record_forms.json` as shipped.
pub const RECORD_FORMS_JSON: &str = include_str!("../../data/record_forms.json");
/// `data/exercises.json` as shipped.
pub const EXERCISES_JSON: &str = include_str!("../../data/exercises.json");
/// `data/questionnaires.json` as shipped.
pub const QUESTIONNAIRES_JSON: &str = include_str!("../../data/questionnaires.json");
/// `data/red_flags.json` as shipped.
pub const RED_FLAGS_JSON: &str = include_str!("../../data/red_flags.json");
/// `data/scales.json` as shipped.
pub const SCALES_JSON: &str = include_str!("../../data/scales.json");
/// `data/follow_up.json` as shipped.
pub const FOLLOW_UP_JSON: &str = include_str!("../../data/follow_up.json");
/// `data/indicators.json` as shipped.
pub const INDICATORS_JSON: &str = include_str!("../../data/indicators.json");
/// `data/entitlements.json` as shipped.
pub const ENTITLEMENTS_JSON: &str = include_str!("../../data/entitlements.json");
/// `data/vitals.json` as shipped.
pub const VITALS_JSON: &str = include_str!("../../data/vitals.json");

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| load(CATALOGUE_JSON));
static PRICES: LazyLock<PriceRules> = LazyLock::new(|| load(PRICES_JSON));
static HOLIDAYS: LazyLock<Calendar> = LazyLock::new(|| load(HOLIDAYS_JSON));
static CONSENTS: LazyLock<ConsentTexts> = LazyLock::new(|| load(CONSENTS_JSON));
static VISIT_RULES: LazyLock<VisitRules> = LazyLock::new(|| load(VISIT_RULES_JSON));
static DEVICES: LazyLock<DeviceRules> = LazyLock::new(|| load(DEVICES_JSON));
static HARM: LazyLock<HarmKinds> = LazyLock::new(|| load(HARM_JSON));
static RECORD_FORMS: LazyLock<RecordForms> = LazyLock::new(|| load(RECORD_FORMS_JSON));
static EXERCISES: LazyLock<ExerciseLibrary> = LazyLock::new(|| load(EXERCISES_JSON));
static QUESTIONNAIRES: LazyLock<Questionnaires> = LazyLock::new(|| load(QUESTIONNAIRES_JSON));
static RED_FLAGS: LazyLock<RedFlags> = LazyLock::new(|| load(RED_FLAGS_JSON));
static SCALES: LazyLock<Scales> = LazyLock::new(|| load(SCALES_JSON));
static FOLLOW_UP: LazyLock<FollowUpRules> = LazyLock::new(|| load(FOLLOW_UP_JSON));
static INDICATORS: LazyLock<IndicatorRules> = LazyLock::new(|| load(INDICATORS_JSON));
static ENTITLEMENTS: LazyLock<Entitlements> = LazyLock::new(|| load(ENTITLEMENTS_JSON));
static VITALS: LazyLock<VitalRules> = LazyLock::new(|| load(VITALS_JSON));

/// The catalogue as shipped.
pub fn catalogue() -> &'static Catalogue {
    &CATALOGUE
}

/// The price rules as shipped.
pub fn prices() -> &'static PriceRules {
    &PRICES
}

/// The holiday calendar as shipped.
pub fn calendar() -> &'static Calendar {
    &HOLIDAYS
}

/// The texts of consent as shipped.
pub fn consents() -> &'static ConsentTexts {
    &CONSENTS
}

/// The table of visit rules as shipped.
pub fn visit_rules() -> &'static VisitRules {
    &VISIT_RULES
}

/// The rules for devices as shipped.
pub fn devices() -> &'static DeviceRules {
    &DEVICES
}

/// The kinds of harm as shipped.
pub fn harm() -> &'static HarmKinds {
    &HARM
}

/// The forms of visit records as shipped.
pub fn record_forms() -> &'static RecordForms {
    &RECORD_FORMS
}

/// The library of exercises as shipped.
pub fn exercises() -> &'static ExerciseLibrary {
    &EXERCISES
}

/// The questionnaires as shipped.
pub fn questionnaires() -> &'static Questionnaires {
    &QUESTIONNAIRES
}

/// The red flags as shipped.
pub fn red_flags() -> &'static RedFlags {
    &RED_FLAGS
}

/// The scales as shipped.
pub fn scales() -> &'static Scales {
    &SCALES
}

/// The schedules of follow-up as shipped.
pub fn follow_up() -> &'static FollowUpRules {
    &FOLLOW_UP
}

/// The rules for indicators as shipped.
pub fn indicators() -> &'static IndicatorRules {
    &INDICATORS
}

/// What other contracts pay for, as shipped.
pub fn entitlements() -> &'static Entitlements {
    &ENTITLEMENTS
}

/// The vital sign rules as shipped.
pub fn vitals() -> &'static VitalRules {
    &VITALS
}

fn load<T: RuleFile>(json: &str) -> T {
    rulefile::parse(json).expect("a shipped rule file is part of the program and read by a test")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assert_seed<T: RuleFile>(file: &T) {
        let edition = file.edition();
        assert_eq!(edition.version, 1);
        assert!(!edition.is_approved(), "nobody has signed a seed off");
        assert!(edition.source.starts_with("Seed, not approved."));
    }

    #[test]
    fn every_shipped_file_is_sound_and_says_that_nobody_approved_it() {
        assert_seed(catalogue());
        assert_seed(prices());
        assert_seed(calendar());
        assert_seed(vitals());
        assert_seed(consents());
        assert_seed(visit_rules());
        assert_seed(devices());
        assert_seed(record_forms());
        assert_seed(scales());
        assert_seed(red_flags());
        assert_seed(exercises());
        assert_seed(questionnaires());
        assert_seed(follow_up());
        assert_seed(indicators());
        assert_seed(entitlements());
    }

    #[test]
    fn the_shipped_prices_cover_the_shipped_catalogue() {
        assert_eq!(prices().gaps(catalogue()), vec![]);
    }

    #[test]
    fn a_file_survives_the_way_through_the_api() {
        let json = serde_json::to_string(catalogue()).expect("plain data");
        assert_eq!(
            &rulefile::parse::<Catalogue>(&json).expect("the same file"),
            catalogue()
        );
        let json = serde_json::to_string(prices()).expect("plain data");
        assert_eq!(
            &rulefile::parse::<PriceRules>(&json).expect("the same file"),
            prices()
        );
        let json = serde_json::to_string(calendar()).expect("plain data");
        assert_eq!(
            &rulefile::parse::<Calendar>(&json).expect("the same file"),
            calendar()
        );
        let json = serde_json::to_string(vitals()).expect("plain data");
        assert_eq!(
            &rulefile::parse::<VitalRules>(&json).expect("the same file"),
            vitals()
        );
    }
}
