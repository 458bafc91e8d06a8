//! Reasons in words, in both languages.

use entity::enums::{Language, NurseTitle, Sex};

use super::Reason;
use crate::domain::calendar::minute_text;

impl Reason {
    /// A sentence for people, without a full stop; times are local.
    pub fn text(&self, lang: Language) -> String {
        match lang {
            Language::Zh => self.zh(),
            Language::En => self.en(),
        }
    }

    fn en(&self) -> String {
        match self {
            Self::Inactive => "not active".to_owned(),
            Self::LicenceNotYetValid { from } => format!("registration begins {from}"),
            Self::LicenceExpired { to } => format!("registration ends {to}"),
            Self::TitleTooLow { needed } => {
                format!("title below {}", needed.as_str().replace('_', " "))
            }
            Self::ExperienceShort { since, years } => {
                format!("in practice since {since}, {years} full years are needed")
            }
            Self::TrainingMissing => "training for home visits not passed".to_owned(),
            Self::HealthCertMissing => "no health certificate".to_owned(),
            Self::HealthCertExpired { to } => format!("health certificate ends {to}"),
            Self::AccidentInsuranceMissing => "no accident insurance".to_owned(),
            Self::AccidentInsuranceExpired { to } => format!("accident insurance ends {to}"),
            Self::LiabilityInsuranceMissing => "no liability insurance".to_owned(),
            Self::LiabilityInsuranceExpired { to } => format!("liability insurance ends {to}"),
            Self::CertificateMissing { any_of } => {
                format!("no {} certificate", any_of.join(" or "))
            }
            Self::CertificateUnverified { kind } => format!("{kind} certificate not verified"),
            Self::CertificateRevoked { kind } => format!("{kind} certificate revoked"),
            Self::CertificateNotYetValid { kind, from } => {
                format!("{kind} certificate begins {from}")
            }
            Self::CertificateExpired { kind, to } => format!("{kind} certificate ends {to}"),
            Self::ItemNotOpen { item } => format!("{item} not open at the institution"),
            Self::RefusedPair => "not to be sent to this patient".to_owned(),
            Self::WrongSex { needed } => format!("a {needed} nurse is needed"),
            Self::OffDuty => "not on duty for the whole visit".to_owned(),
            Self::OnLeave { to } => format!("on leave until {}", minute_text(*to)),
            Self::OnShift { to } => format!("on shift in the hospital until {}", minute_text(*to)),
            Self::Overlap { from, to } => {
                format!("taken from {} to {}", minute_text(*from), minute_text(*to))
            }
            Self::NoPlace => "base point of the nurse or place of the address not known".to_owned(),
            Self::TooFar {
                distance_m,
                radius_m,
            } => {
                format!("{distance_m} m away, goes up to {radius_m} m")
            }
            Self::DailyCap { visits, cap } => {
                format!("{visits} visits that day, takes up to {cap}")
            }
            Self::RestAfterNight { until } => {
                format!("rests after a night shift until {}", minute_text(*until))
            }
        }
    }

    fn zh(&self) -> String {
        match self {
            Self::Inactive => "未在岗或账号不可用".to_owned(),
            Self::LicenceNotYetValid { from } => format!("执业注册自 {from} 起有效"),
            Self::LicenceExpired { to } => format!("执业注册有效期至 {to}"),
            Self::TitleTooLow { needed } => format!("职称低于{}", title_zh(*needed)),
            Self::ExperienceShort { since, years } => {
                format!("{since} 开始临床工作,需满 {years} 年")
            }
            Self::TrainingMissing => "上门护理培训未通过".to_owned(),
            Self::HealthCertMissing => "无健康证明".to_owned(),
            Self::HealthCertExpired { to } => format!("健康证明有效期至 {to}"),
            Self::AccidentInsuranceMissing => "无人身意外险".to_owned(),
            Self::AccidentInsuranceExpired { to } => format!("人身意外险有效期至 {to}"),
            Self::LiabilityInsuranceMissing => "无责任险".to_owned(),
            Self::LiabilityInsuranceExpired { to } => format!("责任险有效期至 {to}"),
            Self::CertificateMissing { any_of } => format!("缺少 {} 证书", any_of.join(" 或 ")),
            Self::CertificateUnverified { kind } => format!("{kind} 证书未核验"),
            Self::CertificateRevoked { kind } => format!("{kind} 证书已撤销"),
            Self::CertificateNotYetValid { kind, from } => format!("{kind} 证书自 {from} 起有效"),
            Self::CertificateExpired { kind, to } => format!("{kind} 证书有效期至 {to}"),
            Self::ItemNotOpen { item } => format!("所在机构未开放 {item}"),
            Self::RefusedPair => "不派往该患者".to_owned(),
            Self::WrongSex {
                needed: Sex::Female,
            } => "需女护士".to_owned(),
            Self::WrongSex { needed: Sex::Male } => "需男护士".to_owned(),
            Self::OffDuty => "值班时段未覆盖整个服务时间".to_owned(),
            Self::OnLeave { to } => format!("休假至 {}", minute_text(*to)),
            Self::OnShift { to } => format!("在院上班至 {}", minute_text(*to)),
            Self::Overlap { from, to } => {
                format!("{} 至 {} 已有安排", minute_text(*from), minute_text(*to))
            }
            Self::NoPlace => "护士未登记常驻点或服务地址无坐标".to_owned(),
            Self::TooFar {
                distance_m,
                radius_m,
            } => {
                format!("距离 {distance_m} 米,接单范围 {radius_m} 米")
            }
            Self::DailyCap { visits, cap } => format!("当日已有 {visits} 单,上限 {cap} 单"),
            Self::RestAfterNight { until } => format!("夜班后休息至 {}", minute_text(*until)),
        }
    }
}

const fn title_zh(title: NurseTitle) -> &'static str {
    match title {
        NurseTitle::Nurse => "护士",
        NurseTitle::NursePractitioner => "护师",
        NurseTitle::SeniorNurse => "主管护师",
        NurseTitle::DeputyChiefNurse => "副主任护师",
        NurseTitle::ChiefNurse => "主任护师",
    }
}
