//! The refusals of field guide §2.2, line by line, against the shipped catalogue.

use rstest::rstest;

use super::{
    tests::{judged, old_man, option, patient, yes},
    *,
};

#[rstest]
#[case("UC_CARE", "FEVER", option("from_38_5"), ScreeningOutcome::Refused)]
#[case("UC_CARE", "FEVER", option("to_38_4"), ScreeningOutcome::Clear)]
#[case(
    "UC_CHG",
    "UC_FAILED_TRIES",
    Answer::Number(1.0),
    ScreeningOutcome::Clear
)]
#[case(
    "UC_CHG",
    "UC_FAILED_TRIES",
    Answer::Number(2.0),
    ScreeningOutcome::Refused
)]
#[case(
    "UC_SPC",
    "SPC_TRACT_6W",
    Answer::YesNo(false),
    ScreeningOutcome::Refused
)]
#[case("NG_CHG", "SPO2", Answer::Number(90.0), ScreeningOutcome::Clear)]
#[case("NG_CHG", "SPO2", Answer::Number(89.0), ScreeningOutcome::Refused)]
#[case("RH_RESP", "SPO2", Answer::Number(88.0), ScreeningOutcome::Clear)]
#[case("RH_RESP", "SPO2", Answer::Number(87.0), ScreeningOutcome::Refused)]
#[case("PICC", "VL_ARM", yes(), ScreeningOutcome::Refused)]
#[case(
    "STITCH",
    "STITCH_COUNT",
    Answer::Number(10.0),
    ScreeningOutcome::Clear
)]
#[case(
    "STITCH",
    "STITCH_COUNT",
    Answer::Number(11.0),
    ScreeningOutcome::Review
)]
#[case(
    "STITCH",
    "STITCH_PLACES",
    Answer::Number(6.0),
    ScreeningOutcome::Review
)]
#[case("PI_12", "PI_SITES", Answer::Number(3.0), ScreeningOutcome::Clear)]
#[case("PI_12", "PI_SITES", Answer::Number(4.0), ScreeningOutcome::Review)]
#[case("SC", "GLUCOSE", Answer::Number(3.8), ScreeningOutcome::Refused)]
#[case("SC", "GLUCOSE", Answer::Number(3.9), ScreeningOutcome::Clear)]
#[case("RH_MOT", "SYSTOLIC", Answer::Number(180.0), ScreeningOutcome::Clear)]
#[case("RH_MOT", "SYSTOLIC", Answer::Number(181.0), ScreeningOutcome::Refused)]
#[case(
    "RH_SWA",
    "SWA_SPO2_DROP",
    Answer::Number(3.0),
    ScreeningOutcome::Refused
)]
#[case("HOSP", "HOSP_PAIN", Answer::Number(7.0), ScreeningOutcome::Review)]
#[case("EDU", "GEN_EMERGENCY", yes(), ScreeningOutcome::Refused)]
#[case("EDU", "GEN_FAMILY", Answer::YesNo(false), ScreeningOutcome::Refused)]
#[case(
    "EDU",
    "GEN_SUPPLIES",
    option("own_unknown"),
    ScreeningOutcome::Refused
)]
fn answers_lead_where_the_guide_says(
    #[case] item: &str,
    #[case] question: &str,
    #[case] answer: Answer,
    #[case] outcome: ScreeningOutcome,
) {
    let screening = judged(&[item], &old_man(), &[(question, answer)]);
    assert_eq!(screening.outcome(), outcome, "{screening:?}");
}

#[rstest]
#[case("DR_S", patient(4, Sex::Female, &[]), ScreeningOutcome::Refused)]
#[case("DR_S", patient(5, Sex::Female, &[]), ScreeningOutcome::Clear)]
#[case("UC_CHG", patient(70, Sex::Male, &["urethral_stricture"]), ScreeningOutcome::Refused)]
#[case("EDU", patient(70, Sex::Male, &["urethral_stricture"]), ScreeningOutcome::Clear)]
#[case("EDU", patient(70, Sex::Male, &["aggression"]), ScreeningOutcome::Refused)]
#[case("RH_MOT", patient(70, Sex::Male, &["dvt"]), ScreeningOutcome::Review)]
#[case("TCM", patient(30, Sex::Female, &["pregnancy"]), ScreeningOutcome::Refused)]
#[case("UC_NEW", patient(70, Sex::Male, &["bph"]), ScreeningOutcome::Review)]
#[case("MB_PP", patient(29, Sex::Male, &[]), ScreeningOutcome::Refused)]
#[case("MB_NB", patient(1, Sex::Male, &[]), ScreeningOutcome::Refused)]
fn the_record_leads_where_the_guide_says(
    #[case] item: &str,
    #[case] facts: PatientFacts,
    #[case] outcome: ScreeningOutcome,
) {
    let screening = judged(&[item], &facts, &[]);
    assert_eq!(screening.outcome(), outcome, "{screening:?}");
}
