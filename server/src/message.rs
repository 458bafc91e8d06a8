//! The texts sent to phones.

use entity::enums::Language;

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
    /// Nobody could go; the order ended without a fee.
    Expired {
        /// Number of the order.
        order: String,
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
    /// An order was offered to a nurse.
    Offer {
        /// Number of the order.
        order: String,
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
            Self::Expired { .. } => "expired",
            Self::DeviceReview { .. } => "device_review",
            Self::Offer { .. } => "offer",
        }
    }

    /// The text in a language.
    pub fn text(&self, language: Language) -> String {
        match language {
            Language::Zh => self.zh(),
            Language::En => self.en(),
        }
    }

    fn zh(&self) -> String {
        match self {
            Self::LoginCode { code, minutes } => {
                format!("【家护】登录验证码 {code},{minutes} 分钟内有效。请勿告诉他人。")
            }
            Self::NurseFound {
                order,
                nurse,
                start,
            } => {
                format!("【家护】订单 {order}:护士{nurse}将于 {start} 上门。")
            }
            Self::NobodyYet { order } => {
                format!("【家护】订单 {order} 暂无护士接单。您可以改约时间,或免费取消。")
            }
            Self::AssignByHand { order } => format!("【家护】订单 {order} 无人接单,请人工指派。"),
            Self::Expired { order } => {
                format!(
                    "【家护】抱歉,订单 {order} 未能安排护士,已结束,不收费用。如情况紧急请到医院就诊。"
                )
            }
            Self::DeviceReview {
                patient,
                device,
                due,
                item,
            } => {
                format!(
                    "【家护】{patient}的{}将于 {due} 到期复查。如需上门,请在应用中预约“{}”,可优先选择原护士;是否更换由医护人员决定。",
                    device.zh, item.zh
                )
            }
            Self::Offer { order } => format!("【家护】附近有新订单 {order},请打开应用查看。"),
        }
    }

    fn en(&self) -> String {
        match self {
            Self::LoginCode { code, minutes } => {
                format!(
                    "[Jiahu] Your login code is {code}, good for {minutes} minutes. Tell it to nobody."
                )
            }
            Self::NurseFound {
                order,
                nurse,
                start,
            } => {
                format!("[Jiahu] Order {order}: nurse {nurse} comes on {start}.")
            }
            Self::NobodyYet { order } => {
                format!(
                    "[Jiahu] No nurse has accepted order {order} yet. You may choose another time or cancel free of charge."
                )
            }
            Self::AssignByHand { order } => {
                format!("[Jiahu] Nobody accepts order {order}; please assign by hand.")
            }
            Self::Expired { order } => {
                format!(
                    "[Jiahu] We are sorry: no nurse could come for order {order}. It has ended without a fee. If it is urgent, go to the hospital."
                )
            }
            Self::DeviceReview {
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
            Self::Offer { order } => format!("[Jiahu] A new order {order} near you; open the app."),
        }
    }
}
