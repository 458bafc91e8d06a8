use proptest::prelude::*;
use rstest::rstest;

use super::*;

#[rstest]
#[case::leap_day_not_yet("2024-02-29", "2029-02-28", false)]
#[case::leap_day("2024-02-29", "2029-03-01", true)]
#[case::leap_to_leap("2020-02-29", "2040-02-29", true)]
#[case::day_before("2021-11-24", "2026-11-23", false)]
#[case::same_day("2021-11-23", "2026-11-23", true)]
fn five_years_are_full_on_the_day(#[case] since: &str, #[case] visit: &str, #[case] full: bool) {
    let mut nurse = NurseFacts {
        practice_since: day(since),
        ..nurse()
    };
    (nurse.licence_from, nurse.licence_to) = (day("2020-01-01"), day("2050-01-01"));
    let order = OrderFacts {
        starts_at: at(&format!("{visit} 09:00")),
        ..order()
    };
    let reasons = judged(&nurse, &order, Stage::Match);
    let short = reasons
        .iter()
        .any(|reason| matches!(reason, Reason::ExperienceShort { .. }));
    assert_eq!(!short, full);
}

#[rstest]
#[case::before_midnight("2026-11-23 23:00", 60, 0)]
#[case::utc_is_still_the_day_before("2026-11-23 00:30", 20, 0)]
#[case::into_the_next_day("2026-11-23 23:30", 60, 6)]
#[case::after_midnight("2026-11-24 00:30", 20, 6)]
fn papers_end_with_their_last_day_where_the_patient_lives(
    #[case] starts: &str,
    #[case] minutes: u32,
    #[case] lapsed: usize,
) {
    let order = OrderFacts {
        starts_at: at(starts),
        duration_min: minutes,
        ..order()
    };
    let reasons = judged(&nurse(), &order, Stage::Depart);
    let expired = reasons
        .iter()
        .filter(|reason| reason.code().ends_with("_expired"));
    assert_eq!((expired.count(), reasons.len()), (lapsed, lapsed));
}

#[rstest]
#[case::unverified_is_nearest(&["revoked", "expired", "unverified"], "certificate_unverified")]
#[case::future_before_past(&["expired", "future"], "certificate_not_yet_valid")]
#[case::past_before_revoked(&["revoked", "expired"], "certificate_expired")]
#[case::unverified_and_past_is_past(&["unverified expired"], "certificate_expired")]
#[case::unverified_and_revoked_is_revoked(&["unverified revoked"], "certificate_revoked")]
fn of_several_flawed_certificates_the_nearest_is_named(#[case] flaws: &[&str], #[case] code: &str) {
    let certificates = flaws.iter().map(|flaw| {
        let mut held = certificate("IV");
        held.verified = !flaw.contains("unverified");
        held.revoked = flaw.contains("revoked");
        if flaw.contains("expired") {
            held.valid_to = day("2026-03-31");
        }
        if flaw.contains("future") {
            (held.valid_from, held.valid_to) = (day("2027-01-01"), day("2027-12-31"));
        }
        held
    });
    let mut nurse = NurseFacts {
        certificates: certificates.collect(),
        ..nurse()
    };
    nurse.certificates.push(certificate("RH"));
    let codes: Vec<_> = judged(&nurse, &order(), Stage::Depart)
        .iter()
        .map(Reason::code)
        .collect();
    assert_eq!(codes, [code]);
    nurse.certificates.push(certificate("IV"));
    assert_eq!(
        judged(&nurse, &order(), Stage::Depart),
        [],
        "a good one beside it settles it"
    );
}

fn any_certificate() -> impl Strategy<Value = Certificate> {
    let kind = prop::sample::select(vec!["IV", "RH", "RESP", "ET"]);
    (
        kind,
        0_u64..6,
        0_u64..6,
        any::<bool>(),
        prop::bool::weighted(0.2),
    )
        .prop_map(|(kind, from, to, verified, revoked)| Certificate {
            kind: kind.into(),
            valid_from: day("2026-11-20") + chrono::Days::new(from),
            valid_to: day("2026-11-21") + chrono::Days::new(to),
            verified,
            revoked,
        })
}

proptest! {
    #[test]
    fn certificates_count_as_a_plain_reading_says(
        held in prop::collection::vec(any_certificate(), 0..7),
        needed in prop::collection::vec(prop::sample::subsequence(vec!["IV", "RH", "RESP", "ET"], 1..4), 0..4),
    ) {
        let visit = day("2026-11-23");
        let counts = |kind: &&str| held.iter().any(|c| {
            c.kind == **kind && c.verified && !c.revoked && c.valid_from <= visit && visit <= c.valid_to
        });
        let lacking = needed.iter().filter(|any_of| !any_of.iter().any(counts)).count();
        let certificates = needed.iter().map(|any_of| any_of.iter().map(|&k| k.to_owned()).collect());
        let order = OrderFacts { certificates: certificates.collect(), ..order() };
        let nurse = NurseFacts { certificates: held.clone(), ..nurse() };
        for stage in [Stage::Match, Stage::Accept, Stage::Depart] {
            let reasons = judged(&nurse, &order, stage);
            prop_assert_eq!(reasons.len(), lacking);
            prop_assert!(reasons.iter().all(|reason| reason.filter() == Filter::Certificates));
        }
    }
}
