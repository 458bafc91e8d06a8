//! The texts in English.

use entity::enums::{AlertKind, OrderState};

use super::{Message, yuan};

/// The text of a message.
#[expect(clippy::too_many_lines, reason = "one table: a text a message")]
pub(super) fn text(message: &Message) -> String {
    match message {
        Message::LoginCode { code, minutes } => {
            format!(
                "[Jiahu] Your login code is {code}, good for {minutes} minutes. Tell it to nobody."
            )
        }
        Message::NurseFound {
            order,
            nurse,
            start,
        } => {
            format!("[Jiahu] Order {order}: nurse {nurse} comes on {start}.")
        }
        Message::NobodyYet { order } => {
            format!(
                "[Jiahu] No nurse has accepted order {order} yet. You may choose another time or cancel free of charge."
            )
        }
        Message::AssignByHand { order } => {
            format!("[Jiahu] Nobody accepts order {order}; please assign by hand.")
        }
        Message::Expired { order, state } => {
            let why = match state {
                OrderState::InReview => "was not reviewed in time",
                OrderState::Assessing => "was not assessed in time",
                _ => "found no nurse who could come",
            };
            format!(
                "[Jiahu] We are sorry: order {order} {why}. It has ended without a fee. If it is urgent, go to the hospital."
            )
        }
        Message::ReviewNeeded { order, start } => {
            format!(
                "[Jiahu] What screening found in order {order} (for {start}) waits for a review; a nurse is looked for afterwards. Decide soon: unreviewed, it ends by then."
            )
        }
        Message::ReviewRefused { order } => {
            format!(
                "[Jiahu] The review found order {order} unfit for home. It has ended without a fee. The order says why and where to go."
            )
        }
        Message::AssessmentNeeded { order } => {
            format!(
                "[Jiahu] Order {order} waits for a first assessment; a nurse is looked for once it is approved. The order says what is missing."
            )
        }
        Message::AssessmentLapsed { order } => {
            format!(
                "[Jiahu] The first assessment of order {order} does not hold any more; nobody sets out or begins before it is assessed again."
            )
        }
        Message::OrderRefused { order } => {
            format!(
                "[Jiahu] The first assessment found order {order} unfit for home. It has ended without a fee. The order says why and where to go."
            )
        }
        Message::Alert { kind, order } => format!(
            "[Jiahu] Alert: {}{}. Take it at the desk now.",
            alert(*kind),
            order
                .as_ref()
                .map(|order| format!(" (order {order})"))
                .unwrap_or_default()
        ),
        Message::AnswerLink { url, hours } => {
            format!(
                "[Jiahu] Please tell us within {hours} hours how the patient is: {url} The code comes in another message. With chest pain, hard breathing or unconsciousness call 120 at once."
            )
        }
        Message::AnswerCode { code } => {
            format!("[Jiahu] Code {code} opens the follow-up questions. Tell it to nobody.")
        }
        Message::RedFlag {
            flag,
            patient,
            due,
            again,
        } => {
            let again = if *again { "Nobody has taken it. " } else { "" };
            format!(
                "[Jiahu] Red flag: {patient}, {}. {again}Take it in the system and deal with it by {due}.",
                flag.en
            )
        }
        Message::DeviceReview {
            patient,
            device,
            due,
            item,
        } => {
            format!(
                "[Jiahu] The {} of {patient} comes due for review on {due}. For a visit, book \"{}\" in the app; the same nurse can be preferred. Whether it is changed is for the clinician to say.",
                device.en, item.en
            )
        }
        Message::FollowUp {
            patient,
            due,
            visit,
        } => {
            let how = if *visit { "visit" } else { "call or form" };
            format!(
                "[Jiahu] The follow-up {how} after discharge for {patient} is planned around {due}; please expect it. With chest pain, hard breathing or unconsciousness call 120 at once, do not wait."
            )
        }
        Message::FollowUpDue { due, undelivered } => {
            let why = if *undelivered {
                "the message to the family did not get there; please call."
            } else {
                "not done; please reach the patient."
            };
            format!("[Jiahu] A follow-up of yours due on {due}: {why}")
        }
        Message::Offer { order } => format!("[Jiahu] A new order {order} near you; open the app."),
        Message::NurseAssigned { order, start } => {
            format!(
                "[Jiahu] A coordinator gave you order {order} on {start}. See the app; if you cannot go, call the coordinator soon."
            )
        }
        Message::NurseReleased { order } => {
            format!("[Jiahu] Order {order} is not yours any more; do not set out. See the app.")
        }
        Message::SecondGone { order } => {
            format!(
                "[Jiahu] The other nurse of order {order} does not come any more. Do not begin alone what takes two; call the coordinator."
            )
        }
        Message::GivenBack { order, start } => {
            format!(
                "[Jiahu] A nurse gave order {order} (for {start}) back; see whether somebody else takes it, or assign by hand."
            )
        }
        Message::NurseUnfit { order, start } => {
            format!(
                "[Jiahu] The nurse of order {order} (for {start}) cannot go as things stand: see her papers, her account and the roster. Put it right or reassign in time."
            )
        }
        Message::OrderMoved { order, start } => {
            format!(
                "[Jiahu] Order {order} was moved to {start}; do not go at the old time. If you can go then, accept it again in the app."
            )
        }
        Message::PriceChanged {
            order,
            before_fen,
            after_fen,
        } => {
            format!(
                "[Jiahu] The place of order {order} has changed, and with the distance its price: {} yuan before, {} yuan now. If that does not suit you, call it off before a nurse accepts.",
                yuan(*before_fen),
                yuan(*after_fen)
            )
        }
        Message::OrderCancelled { order } => {
            format!("[Jiahu] Order {order} was called off; do not set out.")
        }
        Message::ArrivalCode { code, minutes } => {
            format!(
                "[Jiahu] When the nurse is at your door, tell her the code {code}, good for {minutes} minutes. Not before."
            )
        }
        Message::Sos {
            order,
            nurse,
            phone,
            place,
        } => {
            format!(
                "[Jiahu] SOS! Nurse {nurse} (phone {phone}), order {order}, place {place}. Call her at once and take the alarm in the system."
            )
        }
        Message::ReportWaits { incident, severity } => {
            let sort = if *incident {
                "incident"
            } else {
                "adverse event"
            };
            format!("[Jiahu] A report of an {sort} (harm: {severity}) waits for you; log in.")
        }
        Message::Complaint { order, waits } if *waits => {
            format!("[Jiahu] A complaint about order {order} waits for an answer. See the console.")
        }
        Message::Complaint { order, .. } => {
            format!(
                "[Jiahu] A complaint about order {order} came in. Take it and answer it in the console."
            )
        }
        Message::ComplaintAnswered { order } => {
            format!(
                "[Jiahu] Your complaint about order {order} was answered. See the app; you may appeal once."
            )
        }
        Message::SetOut { order, start } => {
            format!(
                "[Jiahu] You should be on your way to order {order} ({start}). Say in the app that you have set out, or give it back; if you cannot, call the coordinator."
            )
        }
        Message::NotDeparted {
            order,
            start,
            nurse,
            phone,
        } => {
            format!(
                "[Jiahu] Order {order} ({start}): nurse {nurse} (phone {phone}) has not said that she set out. Call her, and send another if need be."
            )
        }
        Message::StillFine { order } => {
            format!(
                "[Jiahu] Order {order} is past its expected end. Are you safe? Answer in the app."
            )
        }
        Message::NurseMissed {
            order,
            nurse,
            phone,
        } => {
            format!(
                "[Jiahu] Order {order}: nurse {nurse} (phone {phone}) has not said that she left and does not answer. Call her at once and take the alert in the system."
            )
        }
    }
}

/// What a kind of alert is about.
pub(super) const fn alert(kind: AlertKind) -> &'static str {
    match kind {
        AlertKind::ScreeningHard => "a contraindication on arrival, the visit was broken off",
        AlertKind::CriticalValue => "a critical value was measured",
        AlertKind::PrescriptionWithdrawn => {
            "a prescription was withdrawn, and no other holds for the order"
        }
        AlertKind::ConsentWithdrawn => "a consent was withdrawn; the order cannot go on",
        AlertKind::AssessmentLapsed => {
            "the nurse has set out and the first assessment does not hold any more; nothing may begin"
        }
        AlertKind::GatesChanged => {
            "what the visit takes has changed; move the order or call it off"
        }
        AlertKind::RecordOwed => "a procedure was broken off and its record is not signed",
        AlertKind::WasteOwed => "a procedure was broken off and its waste is not back",
        AlertKind::NurseMissed => "a nurse on a visit is missed",
        AlertKind::ScaleBand => "the result of a scale needs a person",
        AlertKind::RedFlag => "a red flag is up",
    }
}
