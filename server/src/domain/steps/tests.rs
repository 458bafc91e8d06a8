//! Random lives of an order and its visit: the rules themselves (`world`) beside a model of docs/RULES.md that shares no
//! line with them (`model`). They have to answer alike at every step, and the story that comes out has to hold
//! what nobody may do without.

mod model;
mod world;

use std::collections::BTreeMap;

use entity::enums::OrderState;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use self::model::Model;
use self::world::World;
use crate::domain::lifecycle::is_final;

/// Sequences of one run; the seed of each is its number.
const SEQUENCES: u64 = 100_000;
/// Most acts of a sequence.
const LONGEST: usize = 60;
/// Acts that are tried on an order that is over.
const AFTER: usize = 5;
/// Texts of the items that are drawn: catheter, injection, and the general one.
const TEXTS: u8 = 3;

/// What an order is from the beginning.
#[derive(Clone, Copy, Debug)]
struct Setup {
    items: &'static [&'static str],
    two_persons: bool,
    family_needed: bool,
    needs_review: bool,
}

/// Who is there as the procedure begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum There {
    Nobody,
    OnlyThePatient,
    Child,
    Adult,
}

/// What the screening at the door finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Door {
    Clear,
    SoftUnexplained,
    SoftExplained,
    Hard,
}

/// Something that somebody tries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Act {
    Wait {
        minutes: i64,
    },
    Assess {
        fit: bool,
    },
    Admit,
    Prescribe,
    WithdrawPrescription,
    LosePapers,
    RenewPapers,
    Approve,
    Refuse,
    Accept,
    Release {
        seat: usize,
    },
    Reschedule {
        days: i64,
    },
    Cancel,
    Expire,
    Depart {
        seat: usize,
    },
    Arrive {
        seat: usize,
    },
    Identify {
        identifiers: usize,
    },
    Consent {
        text: u8,
        minor: bool,
    },
    WithdrawConsent {
        text: u8,
    },
    AllowUse {
        of: usize,
    },
    ForbidUse {
        of: usize,
    },
    Screen(Door),
    /// Aggression comes onto the record, or off it.
    Contraindicate {
        on: bool,
    },
    Start {
        there: There,
        second_told: bool,
    },
    Record {
        done: usize,
    },
    Sign {
        read_another: bool,
    },
    ReturnWaste,
    Finish {
        seat: usize,
    },
    Close,
    Abort,
    Leave {
        seat: usize,
    },
}

fn setup(rng: &mut ChaCha8Rng) -> Setup {
    let items: [&[&str]; 4] = [&["EDU"], &["UC_CHG"], &["SC"], &["UC_CHG", "SC", "EDU"]];
    Setup {
        items: items[rng.random_range(0..items.len())],
        two_persons: rng.random_bool(0.3),
        family_needed: rng.random_bool(0.3),
        needs_review: rng.random_bool(0.2),
    }
}

/// Anything at all, as likely as everything else.
fn anything(rng: &mut ChaCha8Rng) -> Act {
    let seat = rng.random_range(0..2);
    let text = rng.random_range(0..TEXTS);
    let of = rng.random_range(0..2);
    match rng.random_range(0..31) {
        0 => Act::Wait {
            minutes: [1, 30, 24 * 60, 8 * 24 * 60][rng.random_range(0..4_usize)],
        },
        1 => Act::Assess {
            fit: rng.random_bool(0.8),
        },
        2 => Act::Admit,
        3 => Act::Prescribe,
        4 => Act::WithdrawPrescription,
        5 => Act::LosePapers,
        6 => Act::RenewPapers,
        7 => Act::Approve,
        8 => Act::Refuse,
        9 => Act::Accept,
        10 => Act::Release { seat },
        11 => Act::Reschedule {
            days: rng.random_range(1..20),
        },
        12 => Act::Cancel,
        13 => Act::Expire,
        14 => Act::Depart { seat },
        15 => Act::Arrive { seat },
        16 => Act::Identify {
            identifiers: rng.random_range(0..4),
        },
        17 => Act::Consent {
            text,
            minor: rng.random_bool(0.2),
        },
        18 => Act::WithdrawConsent { text },
        19 => Act::Screen(
            [
                Door::Clear,
                Door::SoftUnexplained,
                Door::SoftExplained,
                Door::Hard,
            ][rng.random_range(0..4_usize)],
        ),
        20 => Act::Start {
            there: [
                There::Nobody,
                There::OnlyThePatient,
                There::Child,
                There::Adult,
            ][rng.random_range(0..4_usize)],
            second_told: rng.random_bool(0.3),
        },
        21 => Act::Record {
            done: rng.random_range(0..2),
        },
        22 => Act::Sign {
            read_another: rng.random_bool(0.2),
        },
        23 => Act::ReturnWaste,
        24 => Act::Finish { seat },
        25 => Act::Close,
        26 => Act::Leave { seat },
        27 => Act::AllowUse { of },
        28 => Act::ForbidUse { of },
        29 => Act::Contraindicate {
            on: rng.random_bool(0.5),
        },
        _ => Act::Abort,
    }
}

/// What helps where the order stands; without it most sequences would end before the door.
fn helpful(state: OrderState, rng: &mut ChaCha8Rng) -> Act {
    use OrderState::{
        Aborted, Accepted, Arrived, Assessing, Departed, Finished, InProcedure, InReview, Open,
    };
    let seat = rng.random_range(0..2);
    let acts: &[Act] = match state {
        Assessing => &[Act::Assess { fit: true }],
        InReview => &[Act::Approve],
        Open => &[Act::Accept, Act::Accept, Act::Prescribe],
        Accepted => &[
            Act::Depart { seat },
            Act::Depart { seat: 0 },
            Act::AllowUse { of: seat },
            Act::Prescribe,
            Act::Contraindicate { on: false },
        ],
        Departed => &[
            Act::Arrive { seat },
            Act::Arrive { seat: 0 },
            Act::Depart { seat: 1 },
        ],
        Arrived => &[
            Act::Identify { identifiers: 2 },
            Act::Consent {
                text: rng.random_range(0..TEXTS),
                minor: false,
            },
            Act::Screen(Door::Clear),
            Act::Start {
                there: There::Adult,
                second_told: rng.random_bool(0.5),
            },
            Act::Arrive { seat: 1 },
            Act::Prescribe,
            Act::AllowUse { of: seat },
        ],
        InProcedure => &[
            Act::Wait { minutes: 30 },
            Act::Record { done: 1 },
            Act::Finish { seat },
            Act::Arrive { seat: 1 },
        ],
        Finished => &[
            Act::Record { done: 1 },
            Act::Sign {
                read_another: false,
            },
            Act::ReturnWaste,
            Act::Depart { seat: 1 },
            Act::Arrive { seat: 1 },
            Act::Finish { seat: 1 },
            Act::Close,
        ],
        Aborted => &[
            Act::Record { done: 1 },
            Act::Sign {
                read_another: false,
            },
            Act::ReturnWaste,
            Act::Leave { seat },
        ],
        _ => &[Act::Close, Act::Leave { seat }],
    };
    acts[rng.random_range(0..acts.len())]
}

/// What was done, in its order.
type Story = Vec<Act>;

/// Whether something like `fits` was done after the last thing like `voids`.
fn since(story: &[Act], fits: impl Fn(&Act) -> bool, voids: impl Fn(&Act) -> bool) -> bool {
    let done = story.iter().rposition(fits);
    let undone = story.iter().rposition(voids);
    done > undone || (done.is_some() && undone.is_none())
}

fn need(holds: bool, why: &'static str) -> Result<(), &'static str> {
    if holds { Ok(()) } else { Err(why) }
}

/// What no way leads around, read off the story alone. `act` is what was done last.
fn check_story(setup: &Setup, texts: &[u8], story: &[Act], act: Act) -> Result<(), &'static str> {
    let done = |fits: &dyn Fn(&Act) -> bool| story.iter().any(fits);
    let started = |one: &Act| matches!(one, Act::Start { .. });
    if matches!(act, Act::Depart { .. } | Act::Start { .. }) {
        if setup.items != ["EDU"] {
            let fit = |one: &Act| *one == Act::Assess { fit: true };
            let voids = |one: &Act| matches!(one, Act::Admit | Act::Assess { fit: false });
            need(since(story, fit, voids), "without an assessment")?;
        }
        if setup.items.contains(&"SC") {
            let written = |one: &Act| *one == Act::Prescribe;
            let withdrawn = |one: &Act| *one == Act::WithdrawPrescription;
            need(since(story, written, withdrawn), "no prescription")?;
        }
        for of in 0..2 {
            let forbids = |one: &Act| *one == Act::ForbidUse { of };
            let allowed = since(story, |one| *one == Act::AllowUse { of }, forbids);
            need(allowed || !done(&forbids), "data used against their will")?;
        }
    }
    match act {
        Act::Depart { .. } => check_depart(setup, story),
        Act::Start { there, second_told } => check_start(setup, texts, story, (there, second_told)),
        Act::Record { .. } => need(done(&started), "recorded what never began"),
        Act::Finish { .. } => need(done(&started), "left before it began"),
        Act::Leave { seat } => {
            let over = |one: &Act| {
                matches!(
                    one,
                    Act::Abort
                        | Act::Cancel
                        | Act::Refuse
                        | Act::Expire
                        | Act::Assess { fit: false }
                        | Act::Screen(Door::Hard)
                )
            };
            let taken_off = done(&|one| *one == Act::Release { seat });
            need(
                taken_off || done(&over),
                "left a visit that goes on by the back door",
            )?;
            need(
                done(&|one| *one == Act::Depart { seat }),
                "left without setting out",
            )?;
            need(!done(&|one| *one == Act::Leave { seat }), "left twice")
        }
        Act::Close => check_close(setup, story),
        _ => Ok(()),
    }
}

fn check_depart(setup: &Setup, story: &[Act]) -> Result<(), &'static str> {
    let done = |fits: &dyn Fn(&Act) -> bool| story.iter().any(fits);
    let back = |one: &Act| matches!(one, Act::Release { .. } | Act::Reschedule { .. });
    let accepted = |one: &&Act| **one == Act::Accept;
    let from = story
        .iter()
        .rposition(|one| matches!(one, Act::Reschedule { .. }));
    let accepts = story[from.unwrap_or(0)..].iter().filter(accepted).count();
    let seats = if setup.two_persons { 2 } else { 1 };
    need(accepts >= seats, "set out without its nurses")?;
    need(
        setup.two_persons || since(story, |one| *one == Act::Accept, back),
        "set out after she was taken off",
    )?;
    let papers = since(
        story,
        |one| *one == Act::RenewPapers,
        |one| *one == Act::LosePapers,
    );
    need(
        papers || !done(&|one| *one == Act::LosePapers),
        "set out without papers",
    )?;
    let forbidden = |one: &Act| *one == Act::Contraindicate { on: true };
    let allowed = since(
        story,
        |one| *one == Act::Contraindicate { on: false },
        forbidden,
    );
    need(allowed || !done(&forbidden), "set out against the record")
}

fn check_start(
    setup: &Setup,
    texts: &[u8],
    story: &[Act],
    (there, second_told): (There, bool),
) -> Result<(), &'static str> {
    let done = |fits: &dyn Fn(&Act) -> bool| story.iter().any(fits);
    need(done(&|one| *one == Act::Arrive { seat: 0 }), "not arrived")?;
    let known = |one: &Act| matches!(one, Act::Identify { identifiers } if *identifiers > 1);
    need(done(&known), "nobody knows the patient")?;
    let asked = |one: &Act| matches!(one, Act::Screen(Door::Clear | Door::SoftExplained));
    need(done(&asked), "not screened at the door")?;
    need(
        !done(&|one| *one == Act::Screen(Door::Hard)),
        "begun after a hard answer",
    )?;
    for text in texts {
        let signs = |one: &Act| {
            *one == Act::Consent {
                text: *text,
                minor: false,
            }
        };
        let takes_back = |one: &Act| *one == Act::WithdrawConsent { text: *text };
        need(since(story, signs, takes_back), "a consent is missing")?;
    }
    let second = done(&|one| *one == Act::Arrive { seat: 1 });
    need(
        !setup.two_persons || second_told || second,
        "begun by one alone",
    )?;
    need(
        !setup.family_needed || there == There::Adult,
        "nobody of the family",
    )
}

fn check_close(setup: &Setup, story: &[Act]) -> Result<(), &'static str> {
    let never = |_: &Act| false;
    let done = |fits: &dyn Fn(&Act) -> bool| story.iter().any(fits);
    need(
        since(story, |one| *one == Act::Finish { seat: 0 }, never),
        "not left",
    )?;
    let record = story.iter().rfind(|one| matches!(one, Act::Record { .. }));
    need(record == Some(&Act::Record { done: 1 }), "nothing recorded")?;
    need(done(&|one| matches!(one, Act::Sign { .. })), "not signed")?;
    let waste = setup.items != ["EDU"];
    need(
        !waste || done(&|one| *one == Act::ReturnWaste),
        "waste not back",
    )?;
    let second = done(&|one| *one == Act::Finish { seat: 1 })
        || since(
            story,
            |one| *one == Act::Release { seat: 1 },
            |one| *one == Act::Accept,
        );
    need(!setup.two_persons || second, "the second nurse is there")
}

/// Where one life ended, and which refusals it met.
fn live(seed: u64, met: &mut BTreeMap<(&'static str, bool), u64>) -> OrderState {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let setup = setup(&mut rng);
    let mut world = World::new(setup);
    let mut model = Model::new(setup);
    let mut story = Story::new();
    let (steps, mut after) = (rng.random_range(1..=LONGEST), 0);
    for _ in 0..steps {
        let act = if rng.random_bool(0.85) {
            helpful(world.state, &mut rng)
        } else {
            anything(&mut rng)
        };
        let before = world.state;
        let done = world.run(act);
        let expected = model.run(act);
        let tell = || format!("seed {seed}, {setup:?}\n{story:?}\nthen {act:?} in {before}");
        assert_eq!(done, expected, "done, expected: {}", tell());
        assert_eq!(world.state, model.state(), "{}", tell());
        assert_eq!(
            world.live(),
            model.live(),
            "whose time is taken: {}",
            tell()
        );
        assert_eq!(world.out(), model.out(), "who is on her way: {}", tell());
        if is_final(before) {
            assert_eq!(world.state, before, "a life after the end: {}", tell());
            after += 1;
        }
        *met.entry((world::name(act), done)).or_default() += 1;
        if done {
            if let Err(why) = check_story(&setup, world.texts(), &story, act) {
                panic!("{why}: {}", tell());
            }
            story.push(act);
        }
        if after == AFTER {
            break;
        }
    }
    world.state
}

#[test]
fn no_order_of_calls_goes_around_a_gate() {
    let mut met = BTreeMap::new();
    let mut ends: BTreeMap<OrderState, u64> = BTreeMap::new();
    for seed in 0..SEQUENCES {
        *ends.entry(live(seed, &mut met)).or_default() += 1;
    }
    // A test that never came to a gate would show nothing.
    for state in OrderState::ALL {
        let enough = ends.get(state).is_some_and(|count| *count >= 100);
        assert!(enough, "hardly a life ended {state}: {ends:?}");
    }
    for what in world::GATED {
        for done in [true, false] {
            let count = met.get(&(*what, done)).copied().unwrap_or(0);
            assert!(count >= 500, "{what} was hardly tried: {met:?}");
        }
    }
}

#[test]
fn a_record_is_owed_and_taken_once_the_procedure_had_begun_until_it_is_signed() {
    use super::{RecordRefused, may_tell_devices, owes_record, record};
    use OrderState::{Aborted, Arrived, Finished, InProcedure};
    for state in OrderState::ALL {
        let left = matches!(state, Finished | Aborted);
        assert_eq!(owes_record(*state, true, false), left, "{state}");
        assert!(!owes_record(*state, false, false) && !owes_record(*state, true, true));
        let done = matches!(state, InProcedure | Finished | Aborted);
        assert_eq!(record(*state, true, false).is_ok(), done, "{state}");
        assert!(record(*state, true, true).is_err(), "{state}");
        let told = done || *state == Arrived;
        assert_eq!(may_tell_devices(*state, true), told, "{state}");
    }
    assert_eq!(record(Aborted, false, false), Err(RecordRefused::NotNow));
    assert!(!may_tell_devices(Aborted, false));
}

#[test]
fn waste_is_owed_once_the_procedure_had_begun_until_it_is_back() {
    use super::owes_waste;
    for state in OrderState::ALL {
        let left = matches!(state, OrderState::Finished | OrderState::Aborted);
        assert_eq!(owes_waste(*state, true, true, false), left, "{state}");
        for (begun, makes, back) in [
            (false, true, false),
            (true, false, false),
            (true, true, true),
        ] {
            assert!(!owes_waste(*state, begun, makes, back), "{state}");
        }
    }
}
