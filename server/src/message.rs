//! The texts sent to phones.

use entity::enums::{AlertKind, HarmSeverity, Language};

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
    },
    /// An order was offered to a nurse.
    Offer {
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
    /// A visit runs over; for the nurse.
    StillFine {
        /// Number of the order.
        order: String,
    },
    /// A visit runs over and the nurse does not answer; for staff.
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
            Self::Expired { .. } => "expired",
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
            Self::ArrivalCode { .. } => "arrival_code",
            Self::Sos { .. } => "sos",
            Self::ReportWaits { .. } => "report_waits",
            Self::Complaint { waits: false, .. } => "complaint",
            Self::Complaint { waits: true, .. } => "complaint_waits",
            Self::ComplaintAnswered { .. } => "complaint_answered",
            Self::StillFine { .. } => "still_fine",
            Self::NurseMissed { .. } => "nurse_missed",
        }
    }

    /// The text in a language.
    pub fn text(&self, language: Language) -> String {
        match language {
            Language::Zh => self.zh(),
            Language::En => self.en(),
        }
    }

    #[expect(clippy::too_many_lines, reason = "one table: a text a message")]
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
            Self::AssessmentNeeded { order } => {
                format!(
                    "【家护】订单 {order} 需先完成首诊评估,评估通过后才会安排护士。所缺项目请见订单。"
                )
            }
            Self::AssessmentLapsed { order } => {
                format!("【家护】订单 {order} 的首诊评估已失效,出发前须重新评估。")
            }
            Self::OrderRefused { order } => {
                format!(
                    "【家护】订单 {order} 经首诊评估不宜居家进行,已结束,不收费用。原因和就医建议请见订单。"
                )
            }
            Self::Alert { kind, order } => format!(
                "【家护】警情:{}{}。请立即在工作台接手。",
                alert_zh(*kind),
                order
                    .as_ref()
                    .map(|order| format!("(订单 {order})"))
                    .unwrap_or_default()
            ),
            Self::AnswerLink { url, hours } => {
                format!(
                    "【家护】出院随访问卷,请在 {hours} 小时内填写:{url} 验证码另行发送。胸痛、呼吸困难、叫不醒请立即拨打 120。"
                )
            }
            Self::AnswerCode { code } => {
                format!("【家护】随访问卷验证码 {code},只用于打开问卷,请勿告诉他人。")
            }
            Self::RedFlag {
                flag,
                patient,
                due,
                again,
            } => {
                let again = if *again { "无人接手," } else { "" };
                format!(
                    "【家护】红旗信号:{patient},{}。{again}请在 {due} 前处理并在系统中接手。",
                    flag.zh
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
            Self::FollowUp {
                patient,
                due,
                visit,
            } => {
                let how = if *visit { "上门" } else { "电话或网上" };
                format!(
                    "【家护】{patient}出院后的{how}随访安排在 {due} 前后,请留意来电。如有胸痛、呼吸困难、意识不清等紧急情况,请立即拨打 120,不要等待随访。"
                )
            }
            Self::FollowUpDue { due } => {
                format!("【家护】您有一项 {due} 到期的出院随访尚未完成,请登录系统联系患者。")
            }
            Self::Offer { order } => format!("【家护】附近有新订单 {order},请打开应用查看。"),
            Self::ArrivalCode { code, minutes } => {
                format!(
                    "【家护】护士到门口后请告诉她到达码 {code},{minutes} 分钟内有效。请勿提前告知。"
                )
            }
            Self::Sos {
                order,
                nurse,
                phone,
                place,
            } => {
                format!(
                    "【家护】紧急求助!护士{nurse}(电话 {phone}),订单 {order},位置 {place}。请立即联系并在系统中接警。"
                )
            }
            Self::ReportWaits { incident, severity } => {
                let sort = if *incident {
                    "意外情况"
                } else {
                    "不良事件"
                };
                let severity = match severity {
                    HarmSeverity::None => "无伤害",
                    HarmSeverity::Mild => "轻度",
                    HarmSeverity::Moderate => "中度",
                    HarmSeverity::Severe => "重度",
                    HarmSeverity::Death => "死亡",
                };
                format!("【家护】有{sort}报告({severity})待处理,请登录系统查看。")
            }
            Self::Complaint { order, waits } if *waits => {
                format!("【家护】订单 {order} 的投诉待答复,请登录系统处理。")
            }
            Self::Complaint { order, .. } => {
                format!("【家护】订单 {order} 收到投诉,请登录系统接手并答复。")
            }
            Self::ComplaintAnswered { order } => {
                format!(
                    "【家护】您对订单 {order} 的投诉已有答复,请在应用中查看。如不满意可申诉一次。"
                )
            }
            Self::StillFine { order } => {
                format!("【家护】订单 {order} 已超过预计结束时间。您是否安全?请在应用中回复。")
            }
            Self::NurseMissed {
                order,
                nurse,
                phone,
            } => {
                format!(
                    "【家护】订单 {order}:护士{nurse}(电话 {phone})超时未离开且未回复,请立即联系。"
                )
            }
        }
    }

    #[expect(clippy::too_many_lines, reason = "one table: a text a message")]
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
            Self::AssessmentNeeded { order } => {
                format!(
                    "[Jiahu] Order {order} waits for a first assessment; a nurse is looked for once it is approved. The order says what is missing."
                )
            }
            Self::AssessmentLapsed { order } => {
                format!(
                    "[Jiahu] The first assessment of order {order} does not hold any more; assess again before the nurse sets out."
                )
            }
            Self::OrderRefused { order } => {
                format!(
                    "[Jiahu] The first assessment found order {order} unfit for home. It has ended without a fee. The order says why and where to go."
                )
            }
            Self::Alert { kind, order } => format!(
                "[Jiahu] Alert: {}{}. Take it at the desk now.",
                alert_en(*kind),
                order
                    .as_ref()
                    .map(|order| format!(" (order {order})"))
                    .unwrap_or_default()
            ),
            Self::AnswerLink { url, hours } => {
                format!(
                    "[Jiahu] Please tell us within {hours} hours how the patient is: {url} The code comes in another message. With chest pain, hard breathing or unconsciousness call 120 at once."
                )
            }
            Self::AnswerCode { code } => {
                format!("[Jiahu] Code {code} opens the follow-up questions. Tell it to nobody.")
            }
            Self::RedFlag {
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
            Self::FollowUp {
                patient,
                due,
                visit,
            } => {
                let how = if *visit { "visit" } else { "call or form" };
                format!(
                    "[Jiahu] The follow-up {how} after discharge for {patient} is planned around {due}; please expect it. With chest pain, hard breathing or unconsciousness call 120 at once, do not wait."
                )
            }
            Self::FollowUpDue { due } => {
                format!(
                    "[Jiahu] A follow-up of yours due on {due} is not done; please reach the patient."
                )
            }
            Self::Offer { order } => format!("[Jiahu] A new order {order} near you; open the app."),
            Self::ArrivalCode { code, minutes } => {
                format!(
                    "[Jiahu] When the nurse is at your door, tell her the code {code}, good for {minutes} minutes. Not before."
                )
            }
            Self::Sos {
                order,
                nurse,
                phone,
                place,
            } => {
                format!(
                    "[Jiahu] SOS! Nurse {nurse} (phone {phone}), order {order}, place {place}. Call her at once and take the alarm in the system."
                )
            }
            Self::ReportWaits { incident, severity } => {
                let sort = if *incident {
                    "incident"
                } else {
                    "adverse event"
                };
                format!("[Jiahu] A report of an {sort} (harm: {severity}) waits for you; log in.")
            }
            Self::Complaint { order, waits } if *waits => {
                format!(
                    "[Jiahu] A complaint about order {order} waits for an answer. See the console."
                )
            }
            Self::Complaint { order, .. } => {
                format!(
                    "[Jiahu] A complaint about order {order} came in. Take it and answer it in the console."
                )
            }
            Self::ComplaintAnswered { order } => {
                format!(
                    "[Jiahu] Your complaint about order {order} was answered. See the app; you may appeal once."
                )
            }
            Self::StillFine { order } => {
                format!(
                    "[Jiahu] Order {order} is past its expected end. Are you safe? Answer in the app."
                )
            }
            Self::NurseMissed {
                order,
                nurse,
                phone,
            } => {
                format!(
                    "[Jiahu] Order {order}: nurse {nurse} (phone {phone}) has not left and does not answer. Call her at once."
                )
            }
        }
    }
}

/// What a kind of alert is about.
pub(crate) fn alert_text(kind: AlertKind) -> Bilingual {
    Bilingual::new(alert_zh(kind), alert_en(kind))
}

const fn alert_zh(kind: AlertKind) -> &'static str {
    match kind {
        AlertKind::ScreeningHard => "到达时筛查发现禁忌,上门已中止",
        AlertKind::CriticalValue => "测得危急值",
        AlertKind::PrescriptionWithdrawn => "处方已撤回,订单已没有有效处方",
        AlertKind::ScaleBand => "量表结果须由人员跟进",
        AlertKind::RedFlag => "红旗信号",
    }
}

const fn alert_en(kind: AlertKind) -> &'static str {
    match kind {
        AlertKind::ScreeningHard => "a contraindication on arrival, the visit was broken off",
        AlertKind::CriticalValue => "a critical value was measured",
        AlertKind::PrescriptionWithdrawn => {
            "a prescription was withdrawn, and no other holds for the order"
        }
        AlertKind::ScaleBand => "the result of a scale needs a person",
        AlertKind::RedFlag => "a red flag is up",
    }
}
