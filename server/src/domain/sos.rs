//! Alarms of a nurse (R14): whom one reaches next, and the text for a phone without data.

/// Who is told of an alarm that nobody has taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Circle {
    /// Coordinators whose institutions include the order's: the health centre's and the lead hospital's.
    Coordinators,
    /// Every coordinator of the community.
    AllCoordinators,
    /// Supervisors whose institutions include the order's.
    Supervisors,
    /// The phone of the institution itself.
    Institution,
    /// All of them, again and again until somebody takes it.
    Everybody,
}

/// The level at which an alarm begins.
pub const FIRST: i32 = 0;

impl Circle {
    /// The circle that is told at a level; levels never end. At the first one the institution's phone is told besides.
    pub const fn at(level: i32) -> Self {
        match level {
            ..=FIRST => Self::Coordinators,
            1 => Self::AllCoordinators,
            2 => Self::Supervisors,
            3 => Self::Institution,
            _ => Self::Everybody,
        }
    }
}

/// What a nurse's app sends by SMS when it has no data. Nothing in it is about the patient; `{lng}` and `{lat}`
/// are for the app to fill. In Chinese, for that is what is read at the other end.
pub fn sms_text(order_number: &str, nurse: &str) -> String {
    format!("【家护】紧急求助:护士{nurse},订单 {order_number},位置 {{lng}},{{lat}}。请立即联系。")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_level_reaches_somebody_and_the_last_one_everybody() {
        let circles: Vec<_> = (0..6).map(Circle::at).collect();
        assert_eq!(
            circles,
            [
                Circle::Coordinators,
                Circle::AllCoordinators,
                Circle::Supervisors,
                Circle::Institution,
                Circle::Everybody,
                Circle::Everybody,
            ]
        );
    }

    #[test]
    fn the_sms_names_the_order_and_the_nurse_and_leaves_the_place_open() {
        let text = sms_text("260302-1", "王芳");
        for part in ["260302-1", "王芳", "{lng},{lat}"] {
            assert!(text.contains(part), "{text}");
        }
        assert!(text.chars().count() <= 70, "more than one SMS: {text}");
    }

    #[test]
    fn the_page_tells_the_settings_in_force() {
        let d = crate::config::SafetyConfig::default();
        let rows = crate::domain::rules_page::section("safety settings");
        let settings = [
            ("sos_escalate_min", d.sos_escalate_min),
            ("overdue_margin_min", d.overdue_margin_min),
            ("overdue_answer_min", d.overdue_answer_min),
            ("still_fine_max_min", d.still_fine_max_min),
            ("home_moved_m", d.home_moved_m),
            ("report_late_h", d.report_late_h),
            ("review_due_h", d.review_due_h),
        ];
        assert_eq!(rows.len(), settings.len() + 2);
        for ((name, value), row) in settings.iter().zip(&rows[2..]) {
            let begin = format!("| `{name}` | {value} |");
            assert!(row.starts_with(&begin), "{row}");
        }
    }
}
