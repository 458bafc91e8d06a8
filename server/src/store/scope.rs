//! What a caller may see. Finders turn it into conditions; what lies outside is not found.

use std::collections::BTreeSet;

use entity::ids::{AccountId, CommunityId, InstitutionId, NurseId};
use entity::{care_order, carer, patient, visit};
use sea_orm::ColumnTrait;
use sea_orm::sea_query::{Condition, Expr, ExprTrait, Query, SelectStatement};

/// The sight of a caller in the roles that an operation admits: the union of these, within one community.
#[derive(Clone, Debug, PartialEq)]
pub struct Scope {
    /// The tenant. No query crosses it.
    pub community: CommunityId,
    /// Sees the patients this account cares for.
    pub carer: Option<AccountId>,
    /// Sees what this nurse visits.
    pub nurse: Option<NurseId>,
    /// Sees what belongs to these institutions.
    pub institutions: BTreeSet<InstitutionId>,
}

impl Scope {
    /// True when an institution lies in the scope.
    pub fn reaches(&self, institution: InstitutionId) -> bool {
        self.institutions.contains(&institution)
    }

    /// Patients the caller may see, as a condition on `patient`.
    pub fn patients(&self) -> Condition {
        let visited = Query::select()
            .column(visit::Column::PatientId)
            .from(visit::Entity)
            .and_where(visit::Column::CommunityId.eq(self.community))
            .and_where(visit::Column::Live.eq(true))
            .and_where(visit::Column::NurseId.eq(self.nurse))
            .to_owned();
        self.condition(
            Expr::col((patient::Entity, patient::Column::CommunityId)),
            Expr::col((patient::Entity, patient::Column::Id)),
            Expr::col((patient::Entity, patient::Column::InstitutionId)),
            Expr::col((patient::Entity, patient::Column::Id)),
            visited,
        )
    }

    /// Orders the caller may see, as a condition on `care_order`. A nurse sees those she has or had a visit for
    /// that was not taken from her, and one taken on her way until she has left.
    pub fn orders(&self) -> Condition {
        let visited = Query::select()
            .column(visit::Column::OrderId)
            .from(visit::Entity)
            .and_where(visit::Column::CommunityId.eq(self.community))
            .cond_where(super::visit::hers())
            .and_where(visit::Column::NurseId.eq(self.nurse))
            .to_owned();
        self.condition(
            Expr::col((care_order::Entity, care_order::Column::CommunityId)),
            Expr::col((care_order::Entity, care_order::Column::PatientId)),
            Expr::col((care_order::Entity, care_order::Column::InstitutionId)),
            Expr::col((care_order::Entity, care_order::Column::Id)),
            visited,
        )
    }

    fn condition(
        &self,
        community: Expr,
        patient: Expr,
        institution: Expr,
        visited: Expr,
        visits: SelectStatement,
    ) -> Condition {
        let mut any = Condition::any();
        if let Some(account) = self.carer {
            any = any.add(patient.in_subquery(cared_for(self.community, account)));
        }
        if self.nurse.is_some() {
            any = any.add(visited.in_subquery(visits));
        }
        // An empty list is never true, so nobody sees anything by default.
        any = any.add(institution.is_in(self.institutions.iter().map(|id| id.0)));
        Condition::all()
            .add(community.eq(self.community.0))
            .add(any)
    }
}

/// Patients an account cares for now.
pub fn cared_for(community: CommunityId, account: AccountId) -> SelectStatement {
    Query::select()
        .column(carer::Column::PatientId)
        .from(carer::Entity)
        .and_where(carer::Column::CommunityId.eq(community))
        .and_where(carer::Column::AccountId.eq(account))
        .and_where(carer::Column::EndedAt.is_null())
        .to_owned()
}
