//! The columns of a roster file, in Chinese or English and in any order.

use entity::enums::Language;

use super::super::text::fold_width;

macro_rules! columns {
    ($($(#[$meta:meta])* $variant:ident $name:literal $zh:literal [$($alias:literal),*] $required:literal;)+) => {
        /// A column of a roster file.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Column { $($(#[$meta])* $variant,)+ }

        impl Column {
            /// Every column, in the order of a template.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// English name; for most also the field's name in the API.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            /// Chinese name.
            pub const fn name_zh(self) -> &'static str {
                match self { $(Self::$variant => $zh),+ }
            }

            /// Whether a file must have it.
            pub const fn is_required(self) -> bool {
                match self { $(Self::$variant => $required),+ }
            }

            const fn aliases(self) -> &'static [&'static str] {
                match self { $(Self::$variant => &[$($alias),*]),+ }
            }
        }
    };
}

columns! {
    /// Code of the institution.
    Institution "institution" "机构编码" ["institution_code", "机构代码", "机构"] true;
    /// Staff number, by which a row finds its nurse.
    StaffNo "staff_no" "工号" ["staff_number", "职工号"] true;
    /// Her name.
    Name "name" "姓名" [] true;
    /// Her sex.
    Sex "sex" "性别" ["gender"] true;
    /// Her title.
    Title "title" "职称" [] true;
    /// Number of her registration.
    LicenceNo "licence_no" "执业证书编号" ["license_no", "护士执业证书编号", "执业证号"] true;
    /// First day of her registration.
    LicenceFrom "licence_from" "执业有效期起" ["license_from", "注册日期"] true;
    /// Last day of her registration.
    LicenceTo "licence_to" "执业有效期止" ["license_to", "注册有效期至"] true;
    /// First day of clinical practice.
    PracticeSince "practice_since" "临床工作起始日期" ["参加临床工作日期"] true;
    /// When she passed the training.
    TrainingPassedOn "training_passed_on" "培训合格日期" [] false;
    /// Last day of her health certificate.
    HealthCertTo "health_cert_to" "健康证有效期至" [] false;
    /// Policy of her accident insurance.
    AccidentInsuranceNo "accident_insurance_no" "意外险保单号" [] false;
    /// Last day of her accident insurance.
    AccidentInsuranceTo "accident_insurance_to" "意外险有效期至" [] false;
    /// Policy of her liability insurance.
    LiabilityInsuranceNo "liability_insurance_no" "责任险保单号" [] false;
    /// Last day of her liability insurance.
    LiabilityInsuranceTo "liability_insurance_to" "责任险有效期至" [] false;
    /// Takes home visits.
    Active "active" "在岗" [] false;
    /// Longitude of her base point.
    BaseLng "base_lng" "常驻点经度" ["经度"] false;
    /// Latitude of her base point.
    BaseLat "base_lat" "常驻点纬度" ["纬度"] false;
    /// Coordinate system of the two.
    BaseCrs "base_crs" "坐标系" [] false;
    /// Metres she is ready to go.
    ServiceRadius "service_radius_m" "服务半径" [] false;
    /// Visits a day.
    DailyCap "daily_cap" "每日上限" [] false;
    /// When she is on duty every week.
    Duty "duty" "值班时段" ["duty_windows", "排班"] false;
    /// Certificates; the one column that may stand more than once.
    Certificates "certificates" "专科证书" ["certificate", "证书"] false;
}

impl Column {
    /// The column of a heading. Case, width, spaces, `*` and a remark in brackets do not matter.
    pub fn of_heading(text: &str) -> Option<Self> {
        let folded: String = fold_width(text).collect();
        let plain = folded.split('(').next().unwrap_or_default().trim();
        let key: String = plain
            .chars()
            .filter(|c| !matches!(c, '*' | '.'))
            .map(|c| if matches!(c, ' ' | '-') { '_' } else { c })
            .collect::<String>()
            .to_lowercase();
        // `certificates_2` is a further column of certificates.
        let key = key.trim_end_matches(|c: char| c.is_ascii_digit() || c == '_');
        Self::ALL.iter().copied().find(|column| {
            column.name() == key || column.name_zh() == key || column.aliases().contains(&key)
        })
    }

    /// The name for a reader.
    pub const fn label(self, language: Language) -> &'static str {
        match language {
            Language::Zh => self.name_zh(),
            Language::En => self.name(),
        }
    }

    /// The column that a field of a profile comes from.
    pub fn of_field(field: &str) -> Option<Self> {
        match field {
            "institution_id" => Some(Self::Institution),
            "base" => Some(Self::BaseLng),
            _ => Self::ALL
                .iter()
                .copied()
                .find(|column| column.name() == field),
        }
    }
}
