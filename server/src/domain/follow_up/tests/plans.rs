//! When contacts are due, and how those of several plans become tasks.

use super::*;

/// Joins the plans of one discharge as they are made on a day.
fn joined(
    schedules: &BTreeSet<String>,
    conditions: &BTreeSet<String>,
    from: NaiveDate,
    today: NaiveDate,
) -> Vec<Slot<u32>> {
    let rules = seed::follow_up();
    let to = today + chrono::Days::new(rules.horizon_days.into());
    let wanted = schedules
        .iter()
        .enumerate()
        .flat_map(|(plan, code)| {
            let schedule = rules.schedule(code).expect("a schedule");
            let wanted = schedule.wanted(rules, from, conditions, (None, to));
            wanted.into_iter().map(move |one| (plan, one))
        })
        .collect();
    let nothing = BTreeSet::new();
    join(Vec::new(), wanted, (today, &nothing), seed::calendar()).slots
}

#[test]
fn contacts_of_several_plans_meet_on_one_day() {
    let from = day("2026-03-02");
    let slots = joined(&words(&["stroke", "tube"]), &BTreeSet::new(), from, from);
    let seventh: Vec<_> = slots
        .iter()
        .filter(|slot| slot.questionnaires.contains("tube"))
        .collect();
    // Day 7 of both is one call that asks for both.
    assert!(
        seventh
            .iter()
            .any(|slot| slot.questionnaires.contains("stroke"))
    );
    let total: usize = slots.iter().map(|slot| slot.joined.len()).sum();
    assert!(slots.len() < total);
}

#[test]
fn a_joined_visit_stays_a_visit() {
    let from = day("2026-03-02");
    let slots = joined(
        &words(&["postpartum", "general"]),
        &BTreeSet::new(),
        from,
        from,
    );
    let visit = slots
        .iter()
        .find(|slot| slot.questionnaires.contains("postpartum"))
        .expect("the first visit");
    assert_eq!(visit.form, Form::Visit);
    assert!(visit.questionnaires.contains("general"));
    assert!(visit.ends_on <= day("2026-03-09"), "at most seven days");
}

#[test]
fn a_due_day_on_a_holiday_moves_to_a_working_day_of_its_window() {
    // 2026-10-01 to 10-07 are off, 10-10 is worked.
    let from = day("2026-10-01");
    let slots = joined(&words(&["general"]), &BTreeSet::new(), from, from);
    assert_eq!(slots[0].due_on, day("2026-10-08"));
    // The window of day 3 of a tube lies wholly in the holiday: the day stays.
    let slots = joined(&words(&["tube"]), &BTreeSet::new(), day("2026-10-01"), from);
    assert_eq!(slots[0].due_on, day("2026-10-04"));
}

/// The end of a year, with and without a leap day behind it; before, on and after a leap day; none in 2027.
#[rstest]
#[case("general", "2026-12-28", 7, "2027-01-04")]
#[case("general", "2027-12-31", 7, "2028-01-07")]
#[case("general", "2028-02-24", 7, "2028-03-02")]
#[case("general", "2027-02-24", 7, "2027-03-03")]
#[case("general", "2028-02-22", 7, "2028-02-29")]
#[case("general", "2028-02-29", 7, "2028-03-07")]
#[case("general", "2028-12-31", 28, "2029-01-28")]
#[case("ami_pci", "2027-03-01", 365, "2028-02-29")]
#[case("ami_pci", "2028-02-29", 365, "2029-02-28")]
#[case("stroke", "2027-02-28", 365, "2028-02-28")]
#[case("stroke", "2027-03-01", 365, "2028-02-29")]
#[case("stroke", "2027-03-02", 365, "2028-03-01")]
#[case("stroke", "2028-02-28", 365, "2029-02-27")]
#[case("stroke", "2028-02-29", 365, "2029-02-28")]
// Two and four years on, over one leap day.
#[case("stroke", "2027-03-01", 730, "2029-02-28")]
#[case("stroke", "2026-12-31", 1460, "2030-12-30")]
#[case("copd", "2027-08-25", 188, "2028-02-29")]
#[case("wound", "2028-02-15", 14, "2028-02-29")]
#[case("wound", "2028-02-15", 21, "2028-03-07")]
#[case("wound", "2027-02-15", 14, "2027-03-01")]
#[case("wound", "2027-12-20", 14, "2028-01-03")]
#[case("tube", "2028-02-15", 14, "2028-02-29")]
fn days_are_counted_over_the_end_of_a_year_and_leap_days(
    #[case] schedule: &str,
    #[case] from: &str,
    #[case] after: u32,
    #[case] due: &str,
) {
    let rules = seed::follow_up();
    let schedule = rules.schedule(schedule).expect("a schedule");
    let to = day(from) + chrono::Days::new(1_500);
    let wanted = schedule.wanted(rules, day(from), &BTreeSet::new(), (None, to));
    let one = wanted.iter().find(|one| one.day == after).expect("a point");
    assert_eq!(one.due_on, day(due));
}

#[test]
fn a_weekly_contact_comes_each_week_over_a_leap_day_and_a_year() {
    for from in ["2028-01-31", "2026-12-01", "2027-12-01"] {
        let slots = joined(&words(&["wound"]), &BTreeSet::new(), day(from), day(from));
        let weekly: Vec<_> = slots.iter().flat_map(|slot| &slot.joined).collect();
        for (_, after, wanted_on) in &weekly {
            assert_eq!(*wanted_on, day(from) + chrono::Days::new((*after).into()));
        }
        let repeated = weekly.iter().filter(|(_, after, _)| *after >= 14).count();
        assert_eq!(repeated, (400 - 14) / 7 + 1);
    }
}

/// A holiday moves a contact to the nearest working day of its window, over the end of a year too.
#[rstest]
// New Year's Day 2027 is a Friday off: the Thursday before and the Monday after are worked.
#[case("general", "2026-12-25", 7, "2026-12-31")]
// The Saturday after it: Friday is off, the Monday is the nearest.
#[case("general", "2026-12-26", 7, "2027-01-04")]
// The Spring Festival of 2026: 2026-02-15 to 02-23, with work on Saturday 02-14.
#[case("general", "2026-02-08", 7, "2026-02-14")]
#[case("general", "2026-02-09", 7, "2026-02-16")]
// A Saturday that is worked.
#[case("general", "2026-02-21", 7, "2026-02-28")]
#[case("wound", "2026-09-19", 14, "2026-10-03")]
#[case("stroke", "2025-10-03", 365, "2026-10-03")]
fn a_holiday_moves_a_contact_within_its_window(
    #[case] schedule: &str,
    #[case] from: &str,
    #[case] after: u32,
    #[case] due: &str,
) {
    let slots = joined(&words(&[schedule]), &BTreeSet::new(), day(from), day(from));
    let serves = |slot: &&Slot<u32>| slot.joined.iter().any(|(_, day, _)| *day == after);
    let slot = slots.iter().find(serves).expect("a task");
    assert_eq!(slot.due_on, day(due));
}

#[test]
fn repeats_are_planned_ahead_as_far_as_needed() {
    let rules = seed::follow_up();
    let ahead = |code: &str| rules.schedule(code).expect("a schedule").ahead(rules);
    assert_eq!((ahead("wound"), ahead("tube")), (28, 28));
    assert_eq!((ahead("copd"), ahead("stroke")), (360, rules.horizon_days));
    assert_eq!(ahead("general"), rules.horizon_days);
    let wound = rules.schedule("wound").expect("a schedule");
    let days = [3, 7, 13, 14, 15, 21].map(|day| wound.repeats_on(day));
    assert_eq!(days, [false, false, false, true, false, true]);
    let tumour = rules.schedule("tumour").expect("a schedule");
    let days = [90, 720, 810, 900, 1080].map(|day| tumour.repeats_on(day));
    assert_eq!(days, [true, true, false, true, true]);
}

#[test]
fn a_schedule_depends_on_the_conditions_of_its_points() {
    let rules = seed::follow_up();
    let depends = |code: &str, told: &str| {
        let schedule = rules.schedule(code).expect("a schedule");
        schedule.depends_on(&BTreeSet::from([told]))
    };
    assert!(depends("tumour", "chemotherapy") && depends("diabetes", "urgent_referral"));
    assert!(!depends("stroke", "chemotherapy") && !depends("tumour", "wound"));
}

#[test]
fn nothing_new_falls_on_a_day_of_a_call_and_what_has_no_day_is_told() {
    let rules = seed::follow_up();
    let (from, today) = (day("2026-03-02"), day("2026-03-05"));
    let wanted = |code: &str| {
        let schedule = rules.schedule(code).expect("a schedule");
        let to = day("2026-03-10");
        let wanted = schedule.wanted(rules, from, &BTreeSet::new(), (None, to));
        wanted.into_iter().map(|one| (0, one)).collect::<Vec<_>>()
    };
    let busy = BTreeSet::from([today]);
    let fitted = join(
        Vec::<Slot<u32>>::new(),
        wanted("tube"),
        (today, &busy),
        seed::calendar(),
    );
    let days: Vec<_> = fitted.slots.iter().map(|slot| slot.due_on).collect();
    assert_eq!(days, [day("2026-03-06"), day("2026-03-09")]);
    assert_eq!(fitted.crowded, []);
    // Day 3 of heart failure has its last day today.
    let fitted = join(
        Vec::<Slot<u32>>::new(),
        wanted("heart_failure"),
        (today, &busy),
        seed::calendar(),
    );
    assert_eq!(fitted.slots, []);
    let days: Vec<_> = fitted.crowded.iter().map(|(_, one)| one.day).collect();
    assert_eq!(days, [3]);
}

#[test]
fn what_is_over_when_the_discharge_is_told_is_left_out() {
    let slots = joined(
        &words(&["ami_pci"]),
        &BTreeSet::new(),
        day("2026-01-05"),
        day("2026-03-02"),
    );
    assert!(slots.iter().all(|slot| slot.due_on >= day("2026-03-02")));
    assert_eq!(slots.len(), 3);
}

/// Somebody's tasks, as plans are made and contacts are done.
#[derive(Default)]
struct Person {
    slots: Vec<Slot<u32>>,
    /// Points that are done, with the day.
    done: BTreeMap<(String, u32), NaiveDate>,
    windows: BTreeMap<(usize, u32), (NaiveDate, NaiveDate)>,
    codes: Vec<String>,
    crowded: usize,
    expected: usize,
}

impl Person {
    fn plan(
        &mut self,
        codes: &[String],
        from: NaiveDate,
        today: NaiveDate,
        conditions: &BTreeSet<String>,
    ) {
        let rules = seed::follow_up();
        let to = today + chrono::Days::new(rules.horizon_days.into());
        let mut wanted = Vec::new();
        for code in codes {
            let plan = self.codes.len();
            self.codes.push(code.clone());
            let schedule = code.trim_end_matches(" again");
            let schedule = rules.schedule(schedule).expect("a schedule");
            for one in schedule.wanted(rules, from, conditions, (None, to)) {
                if self.done.contains_key(&(code.clone(), one.day)) {
                    continue;
                }
                if one.ends_on >= today {
                    self.windows
                        .insert((plan, one.day), (one.opens_on, one.ends_on));
                    self.expected += 1;
                }
                wanted.push((plan, one));
            }
        }
        let busy: BTreeSet<_> = self.done.values().copied().collect();
        let known = std::mem::take(&mut self.slots);
        let fitted = join(known, wanted, (today, &busy), seed::calendar());
        for (plan, one) in &fitted.crowded {
            let free = one
                .opens_on
                .max(today)
                .iter_days()
                .take_while(|day| *day <= one.ends_on)
                .any(|day| {
                    !busy.contains(&day) && fitted.slots.iter().all(|slot| slot.due_on != day)
                });
            assert!(!free, "{} {} has a free day", self.codes[*plan], one.day);
        }
        self.crowded += fitted.crowded.len();
        self.slots = fitted.slots;
    }

    fn work_off(&mut self, today: NaiveDate, done: &[bool]) {
        let mut done = done.iter().cycle();
        self.slots.sort_by_key(|slot| slot.due_on);
        let (due, rest) = std::mem::take(&mut self.slots)
            .into_iter()
            .partition::<Vec<_>, _>(|slot| slot.due_on <= today);
        self.slots = rest;
        for slot in due {
            self.expected -= slot.joined.len();
            if done.next() == Some(&true) {
                for (plan, day, _) in &slot.joined {
                    self.done
                        .insert((self.codes[*plan].clone(), *day), slot.due_on);
                }
            }
        }
    }

    fn drop_open(&mut self) {
        let open = std::mem::take(&mut self.slots);
        self.expected -= open.iter().map(|slot| slot.joined.len()).sum::<usize>();
    }

    fn check(&self) -> Result<(), TestCaseError> {
        let called: BTreeSet<_> = self.done.values().copied().collect();
        let (mut seen, mut points, mut served) = (BTreeSet::new(), BTreeSet::new(), 0);
        for slot in &self.slots {
            prop_assert!(seen.insert(slot.due_on), "{} twice", slot.due_on);
            prop_assert!(!called.contains(&slot.due_on), "{} again", slot.due_on);
            prop_assert!(slot.opens_on <= slot.due_on && slot.due_on <= slot.ends_on);
            for (plan, point, _) in &slot.joined {
                let (opens, ends) = self.windows[&(*plan, *point)];
                prop_assert!((opens..=ends).contains(&slot.due_on));
                prop_assert!(slot.ends_on <= ends);
                let named = (self.codes[*plan].clone(), *point);
                prop_assert!(!self.done.contains_key(&named), "{named:?} is done");
                prop_assert!(points.insert(named.clone()), "{named:?} twice");
                served += 1;
            }
        }
        prop_assert_eq!(
            served + self.crowded,
            self.expected,
            "every contact is served"
        );
        Ok(())
    }
}

prop_compose! {
    fn any_day()(offset in 0_u64..3_000) -> NaiveDate {
        day("2025-06-01") + chrono::Days::new(offset)
    }
}

proptest! {
    #[test]
    fn joined_plans_never_call_twice_on_a_day_and_keep_every_window(
        first in any_day(),
        gap in 0_u64..120,
        late in 0_u64..40,
        picks in proptest::collection::btree_set(0_usize..13, 1..6),
        again in proptest::collection::btree_set(0_usize..13, 0..4),
        chemo in any::<bool>(),
        insulin in any::<bool>(),
        done in proptest::collection::vec(any::<bool>(), 40),
    ) {
        let rules = seed::follow_up();
        let code = |n: &usize| rules.schedules[*n].code.to_string();
        let mut conditions = BTreeSet::new();
        if chemo { conditions.insert("chemotherapy".to_owned()); }
        if insulin { conditions.insert("insulin_changed".to_owned()); }
        let mut person = Person::default();
        let told = first + chrono::Days::new(late);
        let before: Vec<_> = picks.iter().map(code).collect();
        person.plan(&before, first, told, &conditions);
        // Time goes by: some of what falls due is done, on its day; what is due today may be done today.
        let later = first + chrono::Days::new(gap + late);
        person.work_off(later, &done);
        // The same discharge is corrected: all of it is made anew, but for what is done.
        person.drop_open();
        person.plan(&before, first, later, &conditions);
        // And another one comes.
        let other: Vec<_> = again.iter().map(|n| format!("{} again", code(n))).collect();
        person.plan(&other, first + chrono::Days::new(gap), later, &conditions);
        person.check()?;
    }
}
