use std::collections::BTreeMap;

use proptest::prelude::*;
use rstest::rstest;
use serde_json::json;

use super::*;
use crate::domain::catalogue::Answer;
use crate::domain::rulefile::mistakes;
use crate::domain::seed::{SCALES_JSON, scales};

type Answers = BTreeMap<String, Answer>;

/// Each scale as the field guide has it: points of each item from first to last option, and its bands. `a..b` is a
/// number that counts itself.
const GUIDE: &[(&str, &str, &str)] = &[
    (
        "barthel",
        "10 5 0|5 0|5 0|10 5 0|10 5 0|10 5 0|10 5 0|15 10 5 0|15 10 5 0|10 5 0",
        "0-20 very_severe|21-40 severe|41-60 moderate|61-99 mild|100-100 none",
    ),
    (
        "braden",
        "1 2 3 4|1 2 3 4|1 2 3 4|1 2 3 4|1 2 3 4|1 2 3",
        "6-9 very_high|10-12 high|13-14 moderate|15-18 low|19-23 none",
    ),
    (
        "morse",
        "0 25|0 15|0 15 30|0 20|0 10 20|0 15",
        "0-24 low|25-44 moderate|45-125 high",
    ),
    (
        "nrs_pain",
        "0..10",
        "0-0 none|1-3 mild|4-6 moderate|7-10 severe",
    ),
    ("mrs", "0 1 2 3 4 5 6", "0-2 good|3-5 dependent|6-6 dead"),
    (
        "water_swallow",
        "1 1 2 3 4 5",
        "1-1 normal|2-2 suspicious|3-5 abnormal",
    ),
    ("nrs2002", "0 1 2 3|0 1 2 3|age", "0-2 no_risk|3-7 at_risk"),
    (
        "mna_sf",
        "0 1 2|0 1 2 3|0 1 2|0 2|0 1 2|body",
        "0-7 malnourished|8-11 risk|12-14 normal",
    ),
    ("push", "area|0 1 2 3|0 1 2 3 4", "0-0 healed|1-17 open"),
    (
        "epds",
        "0 1 2 3|0 1 2 3|3 2 1 0|0 1 2 3|3 2 1 0|3 2 1 0|3 2 1 0|3 2 1 0|3 2 1 0|3 2 1 0",
        "0-9 unlikely|10-12 possible|13-30 likely",
    ),
    (
        "cat",
        "0..5|0..5|0..5|0..5|0..5|0..5|0..5|0..5",
        "0-9 low|10-20 medium|21-30 high|31-40 very_high",
    ),
    ("mmrc", "0 1 2 3 4", "0-1 fewer|2-4 more"),
    (
        "gcs",
        "1 2 3 4|1 2 3 4 5|1 2 3 4 5 6",
        "3-8 severe|9-12 moderate|13-15 mild",
    ),
];

/// Ways to answer an item, each with what it counts by the guide.
fn ways(item: &ScaleItem, cell: &str) -> Vec<(Answers, i32)> {
    let one = |code: &str, answer: Answer| Answers::from([(code.to_owned(), answer)]);
    let two = |one: (&str, f64), other: (&str, f64)| {
        let number = |(code, value): (&str, f64)| (code.to_owned(), Answer::Number(value));
        Answers::from([number(one), number(other)])
    };
    match (&item.ask, cell) {
        (Ask::Choice { options }, _) => {
            let points: Vec<i32> = cell
                .split(' ')
                .map(|one| one.parse().expect("points"))
                .collect();
            assert_eq!(points.len(), options.len(), "{}", item.code);
            let answers = options
                .iter()
                .map(|option| one(item.code.as_str(), Answer::Option(option.code.to_string())));
            answers.zip(points).collect()
        }
        (Ask::Number { .. }, _) => {
            let (_, max) = cell.split_once("..").expect("a range");
            (0..=max.parse().expect("a number"))
                .map(|value| {
                    (
                        one(item.code.as_str(), Answer::Number(f64::from(value))),
                        value,
                    )
                })
                .collect()
        }
        // 1.6 m: 48.6 kg is below 19, 48.7 kg above; so with 21 and 23.
        (Ask::Measured { .. }, "body") => [(48.6, 0), (48.7, 1), (53.8, 2), (58.9, 3)]
            .map(|(kg, points)| (two(("weight_kg", kg), ("height_cm", 160.0)), points))
            .into_iter()
            .chain(
                [(30.9, 0), (31.0, 3)]
                    .map(|(cm, points)| (one("calf_cm", Answer::Number(cm)), points)),
            )
            .collect(),
        (Ask::Measured { .. }, "area") => AREAS
            .iter()
            .map(|(length, width, points)| {
                (two(("length_cm", *length), ("width_cm", *width)), *points)
            })
            .collect(),
        (Ask::Age { .. }, "age") => vec![(Answers::new(), 0)],
        _ => panic!("{}: {cell}", item.code),
    }
}

/// Both edges of every class of area of PUSH 3.0.
const AREAS: &[(f64, f64, i32)] = &[
    (0.0, 5.0, 0),
    (0.1, 0.1, 1),
    (0.2, 1.4, 1),
    (0.3, 1.0, 2),
    (0.6, 1.0, 2),
    (0.7, 1.0, 3),
    (1.0, 1.0, 3),
    (1.1, 1.0, 4),
    (2.0, 1.0, 4),
    (2.1, 1.0, 5),
    (3.0, 1.0, 5),
    (3.1, 1.0, 6),
    (4.0, 1.0, 6),
    (4.1, 1.0, 7),
    (8.0, 1.0, 7),
    (8.1, 1.0, 8),
    (12.0, 1.0, 8),
    (12.1, 1.0, 9),
    (24.0, 1.0, 9),
    (24.1, 1.0, 10),
    (50.0, 50.0, 10),
];

/// The ways to answer an item, with their points.
type Ways = Vec<(Answers, i32)>;
/// A band: lowest and highest total, and its code.
type Edges = (i32, i32, &'static str);

fn guide(code: &str) -> (&'static Scale, Vec<Ways>, Vec<Edges>) {
    let scale = scales().scale(code).expect("a scale");
    let (_, items, bands) = GUIDE.iter().find(|row| row.0 == code).expect("a row");
    let cells: Vec<_> = items.split('|').collect();
    assert_eq!(cells.len(), scale.items.len(), "{code}");
    let items = scale
        .items
        .iter()
        .zip(cells)
        .map(|(item, cell)| ways(item, cell))
        .collect();
    let bands = bands.split('|').map(|band| {
        let (range, code) = band.split_once(' ').expect("a band");
        let (from, to) = range.split_once('-').expect("a range");
        (from.parse().expect("from"), to.parse().expect("to"), code)
    });
    (scale, items, bands.collect())
}

fn expected<'a>(bands: &[(i32, i32, &'a str)], total: i32) -> &'a str {
    let band = bands
        .iter()
        .find(|(from, to, _)| (*from..=*to).contains(&total));
    band.unwrap_or_else(|| panic!("no band for {total}")).2
}

#[test]
fn every_scale_of_the_guide_is_there_and_no_other() {
    let mut codes: Vec<_> = scales()
        .scales
        .iter()
        .map(|scale| scale.code.as_str())
        .collect();
    codes.sort_unstable();
    let mut guide: Vec<_> = GUIDE.iter().map(|row| row.0).collect();
    guide.sort_unstable();
    assert_eq!(codes, guide);
}

#[test]
fn every_total_falls_into_the_band_of_the_guide_also_at_its_edges() {
    for (code, _, _) in GUIDE {
        let (scale, _, bands) = guide(code);
        assert_eq!(scale.lowest(), bands[0].0, "{code}");
        assert_eq!(scale.highest(), bands.last().expect("a band").1, "{code}");
        for total in scale.lowest()..=scale.highest() {
            let band = scale.band_of(total).expect("no gap");
            assert_eq!(
                band.code.as_str(),
                expected(&bands, total),
                "{code} {total}"
            );
        }
        assert!(scale.band_of(scale.lowest() - 1).is_none());
        assert!(scale.band_of(scale.highest() + 1).is_none());
        assert_eq!(scale.bands.len(), bands.len(), "{code}");
    }
}

/// Scores every combination of answers; both are compared with the guide's own points.
fn all_combinations(code: &str) -> usize {
    let (scale, items, bands) = guide(code);
    let count: usize = items.iter().map(Vec::len).product();
    for number in 0..count {
        let (mut rest, mut answers, mut total) = (number, Answers::new(), 0);
        for item in &items {
            let (answer, points) = &item[rest % item.len()];
            answers.extend(answer.clone());
            total += points;
            rest /= item.len();
        }
        let score = scale.score(&answers, 60).expect("complete");
        assert_eq!(score.total, total, "{code} {answers:?}");
        if code != "water_swallow" {
            assert_eq!(
                score.band.code.as_str(),
                expected(&bands, total),
                "{code} {total}"
            );
        }
    }
    count
}

#[rstest]
#[case("barthel", 46_656)]
#[case("braden", 3_072)]
#[case("morse", 144)]
#[case("nrs_pain", 11)]
#[case("mrs", 7)]
#[case("water_swallow", 6)]
#[case("nrs2002", 16)]
#[case("mna_sf", 1_296)]
#[case("push", 420)]
#[case("mmrc", 5)]
#[case("gcs", 120)]
fn every_combination_scores_as_the_guide_says(#[case] code: &str, #[case] combinations: usize) {
    assert_eq!(all_combinations(code), combinations);
}

/// Some way to answer each item, with the points of the guide.
fn any_form(code: &'static str) -> impl Strategy<Value = Vec<(Answers, i32)>> {
    let (_, items, _) = guide(code);
    items
        .into_iter()
        .map(prop::sample::select)
        .collect::<Vec<_>>()
}

fn any_scale() -> impl Strategy<Value = (&'static str, Vec<(Answers, i32)>)> {
    let codes: Vec<_> = GUIDE.iter().map(|row| row.0).collect();
    prop::sample::select(codes)
        .prop_flat_map(|code| any_form(code).prop_map(move |form| (code, form)))
}

fn merged(form: &[(Answers, i32)]) -> Answers {
    form.iter()
        .flat_map(|(answers, _)| answers.clone())
        .collect()
}

proptest! {
    #[test]
    fn a_form_scores_the_sum_of_its_items((code, form) in any_scale()) {
        let (scale, _, bands) = guide(code);
        let score = scale.score(&merged(&form), 60).expect("complete");
        let total: i32 = form.iter().map(|(_, points)| points).sum();
        prop_assert_eq!(score.total, total);
        if code != "water_swallow" {
            prop_assert_eq!(score.band.code.as_str(), expected(&bands, total));
        }
    }

    /// One item answered with more points never lowers the total, nor puts it into an earlier band.
    #[test]
    fn more_points_never_make_less((code, form) in any_scale(), at in any::<prop::sample::Index>(), other in any::<prop::sample::Index>()) {
        let (scale, items, _) = guide(code);
        let at = at.index(form.len());
        let mut changed = form.clone();
        changed[at] = items[at][other.index(items[at].len())].clone();
        let (one, two) = (scale.score(&merged(&form), 60), scale.score(&merged(&changed), 60));
        let (one, two) = (one.expect("complete"), two.expect("complete"));
        prop_assert_eq!((two.total - one.total).signum(), (changed[at].1 - form[at].1).signum());
        if two.total > one.total {
            prop_assert!(two.band.from >= one.band.from);
        }
    }

    /// Whatever is left out is named, and nothing else.
    #[test]
    fn a_missing_item_is_named((code, form) in any_scale(), at in any::<prop::sample::Index>()) {
        let (scale, _, _) = guide(code);
        let mut answers = merged(&form);
        prop_assume!(!answers.is_empty());
        let gone = answers.keys().nth(at.index(answers.len())).expect("a key").clone();
        answers.remove(&gone);
        let problems = scale.score(&answers, 60).expect_err("incomplete");
        let first = problems.first().expect("a problem");
        prop_assert_eq!(first.problem(), "answer_missing");
        // Without any measure the first way is asked for.
        if gone == "calf_cm" {
            prop_assert_eq!(problems.len(), 2);
        } else {
            prop_assert_eq!((&first.code, problems.len()), (&gone, 1));
        }
    }
}

fn choose(pairs: &[(&str, &str)]) -> Answers {
    let one =
        |(item, option): &(&str, &str)| ((*item).to_owned(), Answer::Option((*option).to_owned()));
    pairs.iter().map(one).collect()
}

#[rstest]
#[case(69, 0, 2, "no_risk")]
#[case(70, 1, 3, "at_risk")]
#[case(95, 1, 3, "at_risk")]
fn seventy_years_are_a_point_of_nrs_2002(
    #[case] age: u16,
    #[case] point: i32,
    #[case] total: i32,
    #[case] band: &str,
) {
    let scale = scales().scale("nrs2002").expect("a scale");
    let score = scale
        .score(&choose(&[("nutrition", "mild"), ("disease", "mild")]), age)
        .expect("complete");
    assert_eq!(score.points["age"], point);
    assert_eq!((score.total, score.band.code.as_str()), (total, band));
}

#[rstest]
#[case("one_go_within_5s", 1, "normal", false)]
#[case("one_go_over_5s", 1, "suspicious", false)]
#[case("several_no_cough", 2, "suspicious", false)]
#[case("one_go_cough", 3, "abnormal", true)]
#[case("several_cough", 4, "abnormal", true)]
#[case("cannot_finish", 5, "abnormal", true)]
fn a_cough_in_the_water_test_goes_to_a_person_and_never_to_a_diet(
    #[case] finding: &str,
    #[case] grade: i32,
    #[case] band: &str,
    #[case] person: bool,
) {
    let scale = scales().scale("water_swallow").expect("a scale");
    let score = scale
        .score(&choose(&[("finding", finding)]), 80)
        .expect("complete");
    assert_eq!((score.total, score.band.code.as_str()), (grade, band));
    assert_eq!(score.band.needs_person.is_some(), person);
    let text = serde_json::to_string(scale).expect("plain data");
    for diet in ["流质", "半流", "软食", "liquid diet", "soft diet"] {
        assert!(!text.contains(diet), "{diet}");
    }
}

#[test]
fn the_calf_counts_only_where_the_index_cannot_be_had() {
    let scale = scales().scale("mna_sf").expect("a scale");
    let mut answers = choose(&[
        ("intake", "none"),
        ("weight_loss", "none"),
        ("mobility", "goes_out"),
        ("stress", "no"),
        ("neuro", "none"),
    ]);
    let mut with = |code: &str, value: f64| {
        answers.insert(code.to_owned(), Answer::Number(value));
        scale.score(&answers, 80).map(|score| score.points["body"])
    };
    assert_eq!(with("calf_cm", 35.0), Ok(3));
    // Begun, not complete: the calf still counts.
    assert_eq!(with("weight_kg", 40.0), Ok(3));
    assert_eq!(with("height_cm", 160.0), Ok(0));
    let problems = with("height_cm", 20.0).expect_err("no height");
    assert_eq!(
        problems[0].kind,
        ScoreProblemKind::OutOfRange {
            min: 100.0,
            max: 220.0
        }
    );
}

#[rstest]
#[case(json!({"pain": 11}), "answer_out_of_range", "pain")]
#[case(json!({"pain": -1}), "answer_out_of_range", "pain")]
#[case(json!({"pain": 6.5}), "answer_wrong_kind", "pain")]
#[case(json!({"pain": "much"}), "answer_wrong_kind", "pain")]
#[case(json!({"pain": true}), "answer_wrong_kind", "pain")]
#[case(json!({}), "answer_missing", "pain")]
#[case(json!({"pain": 5, "total": 5}), "answer_unknown_question", "total")]
fn what_cannot_be_scored_is_told_at_its_code(
    #[case] answers: serde_json::Value,
    #[case] problem: &str,
    #[case] code: &str,
) {
    let scale = scales().scale("nrs_pain").expect("a scale");
    let answers: Answers = serde_json::from_value(answers).expect("answers");
    let problems = scale.score(&answers, 60).expect_err("refused");
    let found: Vec<_> = problems
        .iter()
        .map(|one| (one.problem(), one.code.as_str()))
        .collect();
    assert_eq!(found, [(problem, code)]);
}

#[test]
fn mistakes_in_a_file_are_found() {
    mistakes::assert_found::<Scales>(
        SCALES_JSON,
        r#"
        /scales/0/bands/1/from | 20 | scales[0].bands[1].from | inconsistent
        /scales/0/bands/4/to | 99 | scales[0].bands | inconsistent
        /scales/1/code | "barthel" | scales | duplicate
        /scales/0/items/1/code | "feeding" | scales[0].items | duplicate
        /scales/0/items/0/ask/options/0/points | -1 | scales[0].items[0].ask.options[0].points | out_of_range
        /scales/0/name/zh | "Barthel" | scales[0].name.zh | bad_text
        /scales/3/items/0/ask/max | 0 | scales[3].items[0].ask.max | out_of_range
        /scales/5/items/0/ask/options/1/band | "soft_food" | scales[5].items[0].ask.options[1].band | unknown_reference
        /scales/6/items/2/ask/steps/1/from | 0 | scales[6].items[2].ask.steps | inconsistent
        /scales/7/items/5/ask/ways/0/derive | "value" | scales[7].items[5].ask.ways[0].inputs | out_of_range
        "#,
    );
}
