use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::domain::rules_page;

/// The same life told another way: how far it has come, instead of named states.
#[derive(Clone, Copy, Debug)]
struct Model {
    assessed: bool,
    reviewed: bool,
    has_nurse: bool,
    /// 0 at her place, 1 on the way, 2 at the door, 3 procedure, 4 left.
    visit: u8,
    end: Option<OrderState>,
}

impl Model {
    fn new(lacks_assessment: bool, needs_review: bool) -> Self {
        Self {
            assessed: !lacks_assessment,
            reviewed: !needs_review,
            has_nurse: false,
            visit: 0,
            end: None,
        }
    }

    fn allows(self, command: Command) -> bool {
        let before_visit = self.visit == 0;
        self.end.is_none()
            && match command {
                Command::Assess | Command::AskReview => !self.assessed,
                Command::Approve => self.assessed && !self.reviewed,
                Command::Refuse => !self.assessed || !self.reviewed,
                Command::Accept | Command::Hold => {
                    self.assessed && self.reviewed && !self.has_nurse
                }
                Command::Release | Command::Depart => self.has_nurse && before_visit,
                Command::Reschedule => before_visit,
                Command::Cancel => self.visit <= 1,
                Command::Expire => !self.has_nurse,
                Command::Arrive => self.visit == 1,
                Command::Start => self.visit == 2,
                Command::Finish => self.visit == 3,
                Command::Close => self.visit == 4,
                Command::Abort => (1..=3).contains(&self.visit),
            }
    }

    fn run(&mut self, command: Command) {
        match command {
            Command::Assess => (self.assessed, self.reviewed) = (true, true),
            Command::AskReview => (self.assessed, self.reviewed) = (true, false),
            Command::Hold => self.assessed = false,
            Command::Approve => self.reviewed = true,
            Command::Accept => self.has_nurse = true,
            Command::Release | Command::Reschedule => self.has_nurse = false,
            Command::Depart | Command::Arrive | Command::Start | Command::Finish => self.visit += 1,
            Command::Refuse => self.end = Some(OrderState::Refused),
            Command::Cancel => self.end = Some(OrderState::Cancelled),
            Command::Expire => self.end = Some(OrderState::Expired),
            Command::Close => self.end = Some(OrderState::Closed),
            Command::Abort => self.end = Some(OrderState::Aborted),
        }
    }

    fn state(self) -> OrderState {
        let on_the_way = [
            OrderState::Accepted,
            OrderState::Departed,
            OrderState::Arrived,
            OrderState::InProcedure,
            OrderState::Finished,
        ];
        match (self.end, self.has_nurse) {
            (Some(end), _) => end,
            (None, true) => on_the_way[usize::from(self.visit)],
            (None, false) if !self.assessed => OrderState::Assessing,
            (None, false) if !self.reviewed => OrderState::InReview,
            (None, false) => OrderState::Open,
        }
    }
}

/// Forward steps are drawn more often, or most sequences would end before the door.
fn command() -> impl Strategy<Value = Command> {
    use Command::{Accept, Approve, Arrive, Assess, Close, Depart, Finish, Start};
    prop_oneof![
        3 => prop::sample::select(&[Assess, Approve, Accept, Depart, Arrive, Start, Finish, Close][..]),
        1 => prop::sample::select(Command::ALL),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    #[test]
    fn any_sequence_goes_as_the_model_says(
        lacks_assessment: bool,
        needs_review: bool,
        commands in prop::collection::vec(command(), 0..60),
    ) {
        let mut state = initial(lacks_assessment, needs_review);
        let mut model = Model::new(lacks_assessment, needs_review);
        for command in commands {
            match next(state, command) {
                Ok(to) => {
                    prop_assert!(model.allows(command), "{state} must not {command}");
                    model.run(command);
                    state = to;
                }
                Err(wrong) => {
                    prop_assert!(!model.allows(command), "{state} must {command}");
                    prop_assert_eq!(wrong, WrongState { state, command });
                }
            }
            prop_assert_eq!(state, model.state());
            prop_assert_eq!(is_final(state), model.end.is_some());
            prop_assert_eq!(is_live_visit(state), model.end.is_none() && model.has_nurse && model.visit < 4);
            prop_assert_eq!(position_visible(state), is_live_visit(state) && model.visit > 0);
        }
    }
}

fn reachable_from(start: &[OrderState]) -> BTreeSet<OrderState> {
    let mut seen: BTreeSet<_> = start.iter().copied().collect();
    let mut waiting = start.to_vec();
    while let Some(state) = waiting.pop() {
        for to in Command::ALL
            .iter()
            .filter_map(|command| next(state, *command).ok())
        {
            if seen.insert(to) {
                waiting.push(to);
            }
        }
    }
    seen
}

#[test]
fn a_review_is_asked_for_once() {
    assert_eq!(initial(true, true), OrderState::Assessing);
    assert_eq!(assessed(true, false), Command::AskReview);
    assert_eq!(assessed(true, true), Command::Assess);
    assert_eq!(assessed(false, false), Command::Assess);
}

#[test]
fn every_state_is_reached() {
    let all: BTreeSet<_> = OrderState::ALL.iter().copied().collect();
    let starts = [
        initial(true, true),
        initial(false, true),
        initial(false, false),
    ];
    assert_eq!(reachable_from(&starts), all);
}

#[test]
fn final_states_stay() {
    for state in OrderState::ALL.iter().copied() {
        let stays = Command::ALL
            .iter()
            .all(|command| next(state, *command).is_err());
        assert_eq!(is_final(state), stays, "{state}");
        if is_final(state) {
            assert_eq!(reachable_from(&[state]), BTreeSet::from([state]));
        }
    }
}

#[test]
fn a_step_stands_in_the_table_once() {
    let keys: BTreeSet<_> = STEPS
        .iter()
        .map(|(from, command, _)| (*from, *command))
        .collect();
    assert_eq!(keys.len(), STEPS.len());
}

#[test]
fn what_can_be_called_off_has_a_fee_stage() {
    for state in OrderState::ALL.iter().copied() {
        let ends = [Command::Cancel, Command::Abort];
        let can_end = ends.into_iter().any(|command| next(state, command).is_ok());
        for set_out in [false, true] {
            let stage = cancel_stage(state, set_out);
            assert_eq!(stage.is_some(), can_end, "{state}");
        }
    }
    let charged = |state| cancel_stage(state, false).map(CancelStage::as_str);
    assert_eq!(charged(OrderState::Assessing), Some("before_accept"));
    assert_eq!(charged(OrderState::InReview), Some("before_accept"));
    assert_eq!(charged(OrderState::Open), Some("before_accept"));
    assert_eq!(charged(OrderState::Accepted), Some("accepted"));
    assert_eq!(charged(OrderState::Departed), Some("departed"));
    assert_eq!(charged(OrderState::Arrived), Some("aborted"));
    assert_eq!(charged(OrderState::InProcedure), Some("aborted"));
}

#[test]
fn a_second_nurse_who_is_out_counts_before_the_order_says_so() {
    let charged = |state| cancel_stage(state, true).map(CancelStage::as_str);
    for state in [OrderState::Open, OrderState::Accepted, OrderState::Departed] {
        assert_eq!(charged(state), Some("departed"), "{state}");
    }
    assert_eq!(charged(OrderState::Arrived), Some("aborted"));
}

#[test]
fn a_wrong_state_says_so() {
    let wrong = next(OrderState::Closed, Command::Cancel).expect_err("closed stays closed");
    assert_eq!(wrong.code(), "order_wrong_state");
    assert_eq!(wrong.to_string(), "an order in state closed cannot cancel");
}

#[test]
fn the_rules_page_has_the_same_table() {
    let mut rows = vec![
        "| from | command | to |".to_owned(),
        "|---|---|---|".to_owned(),
    ];
    rows.extend(
        STEPS
            .iter()
            .map(|(from, command, to)| format!("| `{from}` | {command} | `{to}` |")),
    );
    assert_eq!(rules_page::section("order steps"), rows);
}

#[test]
fn the_rules_page_has_the_same_diagram() {
    let mut lines = vec!["```mermaid".to_owned(), "stateDiagram-v2".to_owned()];
    lines.push(format!(
        "    [*] --> {}: submit, assessment needed",
        initial(true, false)
    ));
    lines.push(format!(
        "    [*] --> {}: submit, review needed",
        initial(false, true)
    ));
    lines.push(format!("    [*] --> {}: submit", initial(false, false)));
    lines.extend(
        STEPS
            .iter()
            .map(|(from, command, to)| format!("    {from} --> {to}: {command}")),
    );
    let ends = OrderState::ALL.iter().filter(|state| is_final(**state));
    lines.extend(ends.map(|state| format!("    {state} --> [*]")));
    lines.push("```".to_owned());
    assert_eq!(rules_page::section("order diagram"), lines);
}

#[test]
fn the_rules_page_names_the_fee_stages() {
    let stages: Vec<_> = CancelStage::ALL
        .iter()
        .map(|stage| stage.as_str())
        .collect();
    assert_eq!(rules_page::first_cells("fee stages"), stages);
}
