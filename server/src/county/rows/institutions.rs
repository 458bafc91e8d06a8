//! Rows of institutions: who stands under whom, and which items are open.

use entity::enums::{InstitutionKind, SubjectKind};
use entity::ids::InstitutionId;
use entity::{institution, institution_item, institution_scope};

use super::Maker;
use crate::domain::event::EventKind;
use crate::domain::seed;

/// Items that health centres leave to the hospital.
const HOSPITAL_ONLY: [&str; 2] = ["ST_X", "UC_SPC"];

impl Maker<'_> {
    pub(super) fn institutions(&mut self) {
        for (index, of) in self.county.institutions.iter().enumerate() {
            let id = self.institutions[index];
            let lead = self.institutions[0];
            self.rows.institutions.push(institution::Model {
                community_id: self.id,
                id,
                parent_id: (id != lead).then_some(lead),
                kind: of.kind,
                code: of.code.to_owned(),
                name_zh: of.name_zh.clone(),
                name_en: of.name_en.clone(),
                phone: of.phone.reveal().to_owned(),
                lng: of.place.lng(),
                lat: of.place.lat(),
                practice_licence: of.practice_licence.clone(),
                home_care_approved: true,
                active: true,
                version: 1,
                created_at: self.app.now(),
            });
            let above = [Some(id), (id != lead).then_some(lead)];
            self.rows
                .scopes
                .extend(
                    above
                        .into_iter()
                        .flatten()
                        .map(|above| institution_scope::Model {
                            community_id: self.id,
                            institution_id: above,
                            member_id: id,
                        }),
                );
            self.items(id, of.kind);
            self.event(
                EventKind::InstitutionAdded,
                SubjectKind::Institution,
                id.0,
                |event| event.institution(id),
            );
        }
    }

    /// What the catalogue opens is opened; health centres leave a little to the hospital.
    fn items(&mut self, institution_id: InstitutionId, kind: InstitutionKind) {
        let open = seed::catalogue().items.iter().filter(|item| item.open);
        self.rows.items.extend(open.map(|item| {
            let code = item.code.as_str();
            institution_item::Model {
                community_id: self.id,
                institution_id,
                item_code: code.to_owned(),
                open: kind == InstitutionKind::LeadHospital || !HOSPITAL_ONLY.contains(&code),
                changed_at: self.app.now(),
                changed_by: None,
            }
        }));
    }
}
