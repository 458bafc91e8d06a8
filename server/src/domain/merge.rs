//! What keeps two patients from being merged: what both have and only one may.

use entity::enums::Language;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Something that cannot stand together, or cannot be moved now.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[schema(as = MergeConflict)]
pub enum Conflict {
    /// Both have an order that is not over.
    OpenOrders,
    /// A nurse is under way to the one to be merged, or there.
    VisitUnderWay,
    /// The same item was booked for both at the same time.
    OrderTwice,
    /// Both have a device of one kind in place at one site.
    DeviceTwice,
    /// Both have a discharge on one day.
    DischargeTwice,
    /// Both have a rehabilitation plan that runs.
    RehabTwice,
    /// Both have an open alert of one red flag.
    AlertTwice,
    /// Both are entitled to the same from the same day on.
    EntitlementTwice,
    /// Both have a follow-up task on one day, and one of them is late or its answers are awaited.
    FollowTaskTwice,
}

impl Conflict {
    /// Every conflict.
    pub const ALL: [Self; 9] = [
        Self::OpenOrders,
        Self::VisitUnderWay,
        Self::OrderTwice,
        Self::DeviceTwice,
        Self::DischargeTwice,
        Self::RehabTwice,
        Self::AlertTwice,
        Self::EntitlementTwice,
        Self::FollowTaskTwice,
    ];

    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::OpenOrders => "open_orders",
            Self::VisitUnderWay => "visit_under_way",
            Self::OrderTwice => "order_twice",
            Self::DeviceTwice => "device_twice",
            Self::DischargeTwice => "discharge_twice",
            Self::RehabTwice => "rehab_twice",
            Self::AlertTwice => "alert_twice",
            Self::EntitlementTwice => "entitlement_twice",
            Self::FollowTaskTwice => "follow_task_twice",
        }
    }

    /// The conflict of a code.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.code() == code)
    }

    /// What is to be done, in a language.
    pub const fn text(self, language: Language) -> &'static str {
        match (self, language) {
            (Self::OpenOrders, Language::Zh) => "双方都有未结束的订单,请先完成或取消一方。",
            (Self::OpenOrders, Language::En) => {
                "Both have an order that is not over; finish or cancel one."
            }
            (Self::VisitUnderWay, Language::Zh) => "护士正在前往或正在被合并的患者家中。",
            (Self::VisitUnderWay, Language::En) => {
                "A nurse is under way to the patient to be merged, or there."
            }
            (Self::OrderTwice, Language::Zh) => "同一时段为双方预约了同一项目。",
            (Self::OrderTwice, Language::En) => "One item was booked for both at one time.",
            (Self::DeviceTwice, Language::Zh) => {
                "双方同一部位登记了同类在位管路,请先拔除登记其一。"
            }
            (Self::DeviceTwice, Language::En) => {
                "Both have a device of one kind in place at one site; remove one from the register."
            }
            (Self::DischargeTwice, Language::Zh) => "双方同一天都有出院登记,请先取消一份。",
            (Self::DischargeTwice, Language::En) => "Both have a discharge on one day; cancel one.",
            (Self::RehabTwice, Language::Zh) => "双方都有进行中的康复计划,请先结束一份。",
            (Self::RehabTwice, Language::En) => {
                "Both have a rehabilitation plan that runs; stop one."
            }
            (Self::AlertTwice, Language::Zh) => "双方有同一红旗规则的未关闭警报,请先关闭一条。",
            (Self::AlertTwice, Language::En) => {
                "Both have an open alert of one red flag; close one."
            }
            (Self::EntitlementTwice, Language::Zh) => {
                "双方登记了同一天生效的同一签约或保险,请先结束一份。"
            }
            (Self::EntitlementTwice, Language::En) => {
                "Both are entitled to the same from the same day on; end one of the entries."
            }
            (Self::FollowTaskTwice, Language::Zh) => {
                "双方同一天都有随访任务,其中一个已逾期或在等回答,请先办完。"
            }
            (Self::FollowTaskTwice, Language::En) => {
                "Both have a follow-up task on one day, one of them late or waiting for answers; finish it first."
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_lists_every_conflict() {
        let page = crate::domain::rules_page::first_cells("merge conflicts");
        assert_eq!(page, Conflict::ALL.map(Conflict::code));
    }

    #[test]
    fn codes_are_those_sent_and_found_again() {
        for one in Conflict::ALL {
            assert_eq!(serde_json::json!(one), one.code());
            assert_eq!(Conflict::parse(one.code()), Some(one));
            assert!(one.text(Language::Zh) != one.text(Language::En));
        }
        assert_eq!(Conflict::parse("nothing"), None);
    }
}
