//! The texts sent to phones.

mod en;
mod zh;

use entity::enums::{AlertKind, HarmSeverity, JobLane, Language, OrderState};

use crate::domain::delivery::URGENT;
use crate::domain::rulefile::Bilingual;

/// A message to a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// A one-time login code.
    LoginCode {
        /// Six digits.
        code: String,
        /// Minutes it is good for.
        minutes: u32,
    },
    /// A nurse accepted or was assigned.
    NurseFound {
        /// Number of the order.
        order: String,
        /// Name of the nurse.
        nurse: String,
        /// Local start of the window, `MM-DD HH:MM`.
        start: String,
    },
    /// Nobody has accepted for long; the family may choose another time.
    NobodyYet {
        /// Number of the order.
        order: String,
    },
    /// Nobody has accepted; a coordinator is asked to assign by hand.
    AssignByHand {
        /// Number of the order.
        order: String,
    },
    /// Its window began too early: nobody could go, or nobody had assessed or reviewed it. Ended without a fee.
    Expired {
        /// Number of the order.
        order: String,
        /// Where it stood.
        state: OrderState,
    },
    /// What the family answered has to be looked at before a nurse is looked for; for coordinators.
    ReviewNeeded {
        /// Number of the order.
        order: String,
        /// Local start of the window, `MM-DD HH:MM`, with which it ends unreviewed.
        start: String,
    },
    /// A review found the order unfit for home; for whoever booked.
    ReviewRefused {
        /// Number of the order.
        order: String,
    },
    /// The order waits for a first assessment.
    AssessmentNeeded {
        /// Number of the order.
        order: String,
    },
    /// A nurse has the order, and no first assessment covers it any more.
    AssessmentLapsed {
        /// Number of the order.
        order: String,
    },
    /// The first assessment found the order unfit for home.
    OrderRefused {
        /// Number of the order.
        order: String,
    },
    /// Something has to be looked at now.
    Alert {
        /// What it is about.
        kind: AlertKind,
        /// Number of the order, when it has one.
        order: Option<String>,
    },
    /// A link by which the family says how the patient is.
    AnswerLink {
        /// The address to open; the token stands after `#`.
        url: String,
        /// Hours it is good for.
        hours: u32,
    },
    /// The code that opens the link; a message of its own.
    AnswerCode {
        /// Six digits.
        code: String,
    },
    /// A red flag is up, and has to be dealt with in time.
    RedFlag {
        /// What it is about.
        flag: Bilingual,
        /// Name of the patient, masked.
        patient: String,
        /// Local time until when, `MM-DD HH:MM`.
        due: String,
        /// Nobody took it so far.
        again: bool,
    },
    /// A device comes due for review; the family or the nurse may book.
    DeviceReview {
        /// Name of the patient, masked.
        patient: String,
        /// What it is.
        device: Bilingual,
        /// Local day of the review, `MM-DD`.
        due: String,
        /// What to book.
        item: Bilingual,
    },
    /// Somebody will ask how the patient is; for the family.
    FollowUp {
        /// Name of the patient, masked.
        patient: String,
        /// Local day, `MM-DD`.
        due: String,
        /// Somebody comes.
        visit: bool,
    },
    /// A follow-up call is due; for the nurse.
    FollowUpDue {
        /// Local day, `MM-DD`.
        due: String,
        /// What went to the family did not get there, so she calls now.
        undelivered: bool,
    },
    /// An order was offered to a nurse.
    Offer {
        /// Number of the order.
        order: String,
    },
    /// A coordinator gave an order to the nurse.
    NurseAssigned {
        /// Number of the order.
        order: String,
        /// Local start of the window, `MM-DD HH:MM`.
        start: String,
    },
    /// An order was taken from the nurse who had it.
    NurseReleased {
        /// Number of the order.
        order: String,
    },
    /// The second nurse of a visit under way does not come; for the one who leads.
    SecondGone {
        /// Number of the order.
        order: String,
    },
    /// A nurse gave an order back; for coordinators.
    GivenBack {
        /// Number of the order.
        order: String,
        /// Local start of the window, `MM-DD HH:MM`.
        start: String,
    },
    /// Who has an order can no longer go as things stand; for coordinators.
    NurseUnfit {
        /// Number of the order.
        order: String,
        /// Local start of the window, `MM-DD HH:MM`.
        start: String,
    },
    /// An order that the nurse had was moved, and looks for a nurse again.
    OrderMoved {
        /// Number of the order.
        order: String,
        /// Local start of the new window, `MM-DD HH:MM`.
        start: String,
    },
    /// The address of an order that waits lies elsewhere, and its price is another; for whoever booked.
    PriceChanged {
        /// Number of the order.
        order: String,
        /// The total before, in fen.
        before_fen: i64,
        /// The total now, in fen.
        after_fen: i64,
    },
    /// An order that the nurse had was called off.
    OrderCancelled {
        /// Number of the order.
        order: String,
    },
    /// A code that the family reads to the nurse at the door.
    ArrivalCode {
        /// Six digits.
        code: String,
        /// Minutes it is good for.
        minutes: u32,
    },
    /// A nurse calls for help; for staff.
    Sos {
        /// Number of the order.
        order: String,
        /// Name of the nurse.
        nurse: String,
        /// Her phone.
        phone: String,
        /// Longitude and latitude, WGS-84, or a question mark.
        place: String,
    },
    /// An adverse event or incident waits for review; for supervisors.
    ReportWaits {
        /// An incident, not an adverse event.
        incident: bool,
        /// How bad it is.
        severity: HarmSeverity,
    },
    /// A complaint was filed, for coordinators; or nobody answers one, for supervisors.
    Complaint {
        /// Number of the order.
        order: String,
        /// An answer is owed.
        waits: bool,
    },
    /// A complaint was answered; for whoever filed it.
    ComplaintAnswered {
        /// Number of the order.
        order: String,
    },
    /// She should have set out by now; for the nurse.
    SetOut {
        /// Number of the order.
        order: String,
        /// Local start of the window, `MM-DD HH:MM`.
        start: String,
    },
    /// A nurse should have set out by now and has not said so; for coordinators.
    NotDeparted {
        /// Number of the order.
        order: String,
        /// Local start of the window, `MM-DD HH:MM`.
        start: String,
        /// Name of the nurse.
        nurse: String,
        /// Her phone.
        phone: String,
    },
    /// A visit runs over; for the nurse.
    StillFine {
        /// Number of the order.
        order: String,
    },
    /// A visit runs over, or nothing was heard of it, and the nurse does not answer; for staff.
    NurseMissed {
        /// Number of the order.
        order: String,
        /// Name of the nurse.
        nurse: String,
        /// Her phone.
        phone: String,
    },
}

impl Message {
    /// Name of the text, for gateways with approved templates.
    pub fn template(&self) -> &'static str {
        match self {
            Self::LoginCode { .. } => "login_code",
            Self::NurseFound { .. } => "nurse_found",
            Self::NobodyYet { .. } => "nobody_yet",
            Self::AssignByHand { .. } => "assign_by_hand",
            Self::Expired { state, .. } => match state {
                OrderState::InReview => "expired_unreviewed",
                OrderState::Assessing => "expired_unassessed",
                _ => "expired",
            },
            Self::ReviewNeeded { .. } => "review_needed",
            Self::ReviewRefused { .. } => "review_refused",
            Self::AssessmentNeeded { .. } => "assessment_needed",
            Self::AssessmentLapsed { .. } => "assessment_lapsed",
            Self::OrderRefused { .. } => "order_refused",
            Self::Alert { .. } => "alert",
            Self::AnswerLink { .. } => "answer_link",
            Self::AnswerCode { .. } => "answer_code",
            Self::RedFlag { .. } => "red_flag",
            Self::DeviceReview { .. } => "device_review",
            Self::FollowUp { .. } => "follow_up",
            Self::FollowUpDue { .. } => "follow_up_due",
            Self::Offer { .. } => "offer",
            Self::NurseAssigned { .. } => "nurse_assigned",
            Self::NurseReleased { .. } => "nurse_released",
            Self::SecondGone { .. } => "second_gone",
            Self::GivenBack { .. } => "given_back",
            Self::NurseUnfit { .. } => "nurse_unfit",
            Self::OrderMoved { .. } => "order_moved",
            Self::PriceChanged { .. } => "price_changed",
            Self::OrderCancelled { .. } => "order_cancelled",
            Self::ArrivalCode { .. } => "arrival_code",
            Self::Sos { .. } => "sos",
            Self::ReportWaits { .. } => "report_waits",
            Self::Complaint { waits: false, .. } => "complaint",
            Self::Complaint { waits: true, .. } => "complaint_waits",
            Self::ComplaintAnswered { .. } => "complaint_answered",
            Self::SetOut { .. } => "set_out",
            Self::NotDeparted { .. } => "not_departed",
            Self::StillFine { .. } => "still_fine",
            Self::NurseMissed { .. } => "nurse_missed",
        }
    }

    /// Whether it waits for no other message: somebody may be in danger, or waits at a door or a login.
    pub fn lane(&self) -> JobLane {
        if URGENT.contains(&self.template()) {
            JobLane::Urgent
        } else {
            JobLane::Messages
        }
    }

    /// The text in a language.
    pub fn text(&self, language: Language) -> String {
        match language {
            Language::Zh => zh::text(self),
            Language::En => en::text(self),
        }
    }
}

/// An amount of fen in yuan.
fn yuan(fen: i64) -> String {
    format!("{}.{:02}", fen / 100, fen % 100)
}

/// What a kind of alert is about.
pub(crate) fn alert_text(kind: AlertKind) -> Bilingual {
    Bilingual::new(zh::alert(kind), en::alert(kind))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_in_danger_or_at_a_door_waits_for_others() {
        let text = String::new;
        let (order, nurse, phone) = (text(), text(), text());
        let urgent = [
            Message::Sos {
                order: text(),
                nurse: text(),
                phone: text(),
                place: text(),
            },
            Message::StillFine { order: text() },
            Message::NurseMissed {
                order,
                nurse,
                phone,
            },
            Message::LoginCode {
                code: text(),
                minutes: 5,
            },
            Message::ArrivalCode {
                code: text(),
                minutes: 5,
            },
        ];
        assert!(urgent.iter().all(|one| one.lane() == JobLane::Urgent));
        assert_eq!(urgent.each_ref().map(Message::template), URGENT);
        let answer = Message::AnswerCode { code: text() };
        assert_eq!(answer.lane(), JobLane::Messages);
    }
}
