//! The texts in Chinese.

use entity::enums::{AlertKind, HarmSeverity, OrderState};

use super::{Message, yuan};

/// The text of a message.
#[expect(clippy::too_many_lines, reason = "one table: a text a message")]
pub(super) fn text(message: &Message) -> String {
    match message {
        Message::LoginCode { code, minutes } => {
            format!("【家护】登录验证码 {code},{minutes} 分钟内有效。请勿告诉他人。")
        }
        Message::NurseFound {
            order,
            nurse,
            start,
        } => {
            format!("【家护】订单 {order}:护士{nurse}将于 {start} 上门。")
        }
        Message::NobodyYet { order } => {
            format!("【家护】订单 {order} 暂无护士接单。您可以改约时间,或免费取消。")
        }
        Message::AssignByHand { order } => format!("【家护】订单 {order} 无人接单,请人工指派。"),
        Message::Expired { order, state } => {
            let why = match state {
                OrderState::InReview => "未能在预约时间前完成审核",
                OrderState::Assessing => "未能在预约时间前完成首诊评估",
                _ => "未能安排护士",
            };
            format!("【家护】抱歉,订单 {order} {why},已结束,不收费用。如情况紧急请到医院就诊。")
        }
        Message::ReviewNeeded { order, start } => {
            format!(
                "【家护】订单 {order}(预约 {start})的筛查结果须审核,审核后才会安排护士。请尽快处理,到时未审核将自动结束。"
            )
        }
        Message::ReviewRefused { order } => {
            format!(
                "【家护】订单 {order} 经审核不宜居家进行,已结束,不收费用。原因和就医建议请见订单。"
            )
        }
        Message::AssessmentNeeded { order } => {
            format!(
                "【家护】订单 {order} 需先完成首诊评估,评估通过后才会安排护士。所缺项目请见订单。"
            )
        }
        Message::AssessmentLapsed { order } => {
            format!("【家护】订单 {order} 的首诊评估已失效,重新评估之前不能出发或开始。")
        }
        Message::OrderRefused { order } => {
            format!(
                "【家护】订单 {order} 经首诊评估不宜居家进行,已结束,不收费用。原因和就医建议请见订单。"
            )
        }
        Message::Alert { kind, order } => format!(
            "【家护】警情:{}{}。请立即在工作台接手。",
            alert(*kind),
            order
                .as_ref()
                .map(|order| format!("(订单 {order})"))
                .unwrap_or_default()
        ),
        Message::AnswerLink { url, hours } => {
            format!(
                "【家护】出院随访问卷,请在 {hours} 小时内填写:{url} 验证码另行发送。胸痛、呼吸困难、叫不醒请立即拨打 120。"
            )
        }
        Message::AnswerCode { code } => {
            format!("【家护】随访问卷验证码 {code},只用于打开问卷,请勿告诉他人。")
        }
        Message::RedFlag {
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
        Message::DeviceReview {
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
        Message::FollowUp {
            patient,
            due,
            visit,
        } => {
            let how = if *visit { "上门" } else { "电话或网上" };
            format!(
                "【家护】{patient}出院后的{how}随访安排在 {due} 前后,请留意来电。如有胸痛、呼吸困难、意识不清等紧急情况,请立即拨打 120,不要等待随访。"
            )
        }
        Message::FollowUpDue { due, undelivered } => {
            let why = if *undelivered {
                "发给家属的随访短信未送达,请改为电话联系"
            } else {
                "尚未完成,请登录系统联系患者"
            };
            format!("【家护】您有一项 {due} 到期的出院随访:{why}。")
        }
        Message::Offer { order } => format!("【家护】附近有新订单 {order},请打开应用查看。"),
        Message::NurseAssigned { order, start } => {
            format!(
                "【家护】调度员已将订单 {order} 指派给您,上门时间 {start}。请打开应用查看;不能前往请尽快联系调度员。"
            )
        }
        Message::NurseReleased { order } => {
            format!("【家护】订单 {order} 已不再由您上门,请勿前往。详情请见应用。")
        }
        Message::SecondGone { order } => {
            format!(
                "【家护】订单 {order} 的另一名护士不再上门。须两人进行而尚未开始的操作请勿单独开始,请联系协调员。"
            )
        }
        Message::GivenBack { order, start } => {
            format!(
                "【家护】护士已退回订单 {order}(上门时间 {start})。请留意是否有人接单,必要时人工指派。"
            )
        }
        Message::NurseUnfit { order, start } => {
            format!(
                "【家护】订单 {order}(上门时间 {start})的护士目前不能前往,请查看其证件、账号和在岗情况,及时处理或改派。"
            )
        }
        Message::OrderMoved { order, start } => {
            format!(
                "【家护】订单 {order} 已改约到 {start},原安排已取消,请勿按原时间前往。能去的话请在应用中重新接单。"
            )
        }
        Message::PriceChanged {
            order,
            before_fen,
            after_fen,
        } => {
            format!(
                "【家护】订单 {order} 的上门位置已更新,按距离重新计价:总价由 {} 元变为 {} 元。如不同意,请在护士接单前取消。",
                yuan(*before_fen),
                yuan(*after_fen)
            )
        }
        Message::OrderCancelled { order } => {
            format!("【家护】订单 {order} 已取消,请勿前往。")
        }
        Message::ArrivalCode { code, minutes } => {
            format!(
                "【家护】护士到门口后请告诉她到达码 {code},{minutes} 分钟内有效。请勿提前告知。"
            )
        }
        Message::Sos {
            order,
            nurse,
            phone,
            place,
        } => {
            format!(
                "【家护】紧急求助!护士{nurse}(电话 {phone}),订单 {order},位置 {place}。请立即联系并在系统中接警。"
            )
        }
        Message::ReportWaits { incident, severity } => {
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
        Message::Complaint { order, waits } if *waits => {
            format!("【家护】订单 {order} 的投诉待答复,请登录系统处理。")
        }
        Message::Complaint { order, .. } => {
            format!("【家护】订单 {order} 收到投诉,请登录系统接手并答复。")
        }
        Message::ComplaintAnswered { order } => {
            format!("【家护】您对订单 {order} 的投诉已有答复,请在应用中查看。如不满意可申诉一次。")
        }
        Message::SetOut { order, start } => {
            format!(
                "【家护】订单 {order}(上门时间 {start})已到出发时间。请在应用中确认出发或退回订单;如无法操作请致电调度员。"
            )
        }
        Message::NotDeparted {
            order,
            start,
            nurse,
            phone,
        } => {
            format!(
                "【家护】订单 {order}(上门时间 {start}):护士{nurse}(电话 {phone})尚未报告出发。请联系,必要时改派。"
            )
        }
        Message::StillFine { order } => {
            format!("【家护】订单 {order} 已超过预计结束时间。您是否安全?请在应用中回复。")
        }
        Message::NurseMissed {
            order,
            nurse,
            phone,
        } => {
            format!(
                "【家护】订单 {order}:护士{nurse}(电话 {phone})超时未报告离开且未回复,请立即联系并在系统中接手。"
            )
        }
    }
}

/// What a kind of alert is about.
pub(super) const fn alert(kind: AlertKind) -> &'static str {
    match kind {
        AlertKind::ScreeningHard => "到达时筛查发现禁忌,上门已中止",
        AlertKind::CriticalValue => "测得危急值",
        AlertKind::PrescriptionWithdrawn => "处方已撤回,订单已没有有效处方",
        AlertKind::ConsentWithdrawn => "患者方已撤回同意,订单不能继续",
        AlertKind::RecordOwed => "操作已中止,护理记录尚未签名",
        AlertKind::AssessmentLapsed => "护士已出发,首诊评估已失效,不能开始操作",
        AlertKind::GatesChanged => "上门条件已变化,须改约或取消",
        AlertKind::WasteOwed => "操作已中止,医疗废物尚未交回",
        AlertKind::NurseMissed => "护士上门超时未回复",
        AlertKind::ScaleBand => "量表结果须由人员跟进",
        AlertKind::RedFlag => "红旗信号",
    }
}
