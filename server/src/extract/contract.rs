//! What an operation asks of a request, read off the types of its arguments: who may call it, which headers
//! it needs, what may stand in its query. The spec is filled from it, so that code and spec cannot disagree.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use entity::enums::Role;
use utoipa::IntoParams;
use utoipa::openapi::path::{Parameter, ParameterIn};

use super::{
    Foreign, Id, IdempotencyKey, IfMatch, IfNoneMatch, Json, Lang, May, Permission, PhotoUpload,
    Query, Telling, Upload, grants,
};
use crate::app::App;

/// What an operation asks of a request.
#[derive(Clone, Copy, Debug)]
pub struct Contract {
    /// The roles that may call it; none: everybody, without a token.
    pub roles: &'static [Role],
    /// Needs `Idempotency-Key`.
    pub idempotency_key: bool,
    /// Needs `If-Match`.
    pub if_match: bool,
    /// Parameters of the query.
    pub query: Option<fn() -> Vec<Parameter>>,
}

impl Contract {
    /// Asks nothing.
    pub const NOTHING: Self = Self {
        roles: &[],
        idempotency_key: false,
        if_match: false,
        query: None,
    };

    /// Asks what either asks.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self {
            roles: if self.roles.is_empty() {
                other.roles
            } else {
                self.roles
            },
            idempotency_key: self.idempotency_key || other.idempotency_key,
            if_match: self.if_match || other.if_match,
            query: match self.query {
                Some(query) => Some(query),
                None => other.query,
            },
        }
    }
}

/// A type that an operation may take as an argument.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not known as an argument of operations",
    note = "implement `Argument` for it in extract/contract.rs: what does it ask of a request?"
)]
pub trait Argument {
    /// What it asks of a request.
    const CONTRACT: Contract = Contract::NOTHING;
}

impl Argument for State<App> {}
impl Argument for Lang {}
impl Argument for HeaderMap {}
impl Argument for IfNoneMatch {}
impl Argument for Bytes {}
impl<const MAX: usize> Argument for Foreign<MAX> {}
impl<T> Argument for Id<T> {}
impl<T> Argument for Json<T> {}

impl<T: IntoParams> Argument for Query<T> {
    const CONTRACT: Contract = Contract {
        query: Some(|| T::into_params(|| Some(ParameterIn::Query))),
        ..Contract::NOTHING
    };
}

impl Argument for IfMatch {
    const CONTRACT: Contract = Contract {
        if_match: true,
        ..Contract::NOTHING
    };
}

impl<T> Argument for IdempotencyKey<T> {
    const CONTRACT: Contract = Contract {
        idempotency_key: true,
        ..Contract::NOTHING
    };
}

impl<const MAX: usize> Argument for Upload<MAX> {
    const CONTRACT: Contract = Contract {
        idempotency_key: true,
        ..Contract::NOTHING
    };
}

impl Argument for PhotoUpload {
    const CONTRACT: Contract = Contract {
        idempotency_key: true,
        ..Contract::NOTHING
    };
}

impl<P: Permission> Argument for May<P> {
    const CONTRACT: Contract = Contract {
        roles: P::ROLES,
        ..Contract::NOTHING
    };
}

impl Argument for Telling {
    const CONTRACT: Contract = Contract {
        roles: grants::DoVisits::ROLES,
        ..Contract::NOTHING
    };
}

/// A function that answers requests.
pub trait Operation<Arguments> {
    /// What its arguments ask of a request.
    const CONTRACT: Contract;
}

macro_rules! operations {
    ($($argument:ident)*) => {
        impl<F, Answer, $($argument: Argument),*> Operation<($($argument,)*)> for F
        where
            F: Fn($($argument),*) -> Answer,
        {
            const CONTRACT: Contract = Contract::NOTHING$(.and($argument::CONTRACT))*;
        }
    };
}

operations!();
operations!(A);
operations!(A B);
operations!(A B C);
operations!(A B C D);
operations!(A B C D E);
operations!(A B C D E G);
operations!(A B C D E G H);
operations!(A B C D E G H I);

/// What an operation asks of a request.
pub fn contract_of<Arguments, O: Operation<Arguments>>(_: O) -> Contract {
    O::CONTRACT
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::grants;
    use crate::wire::PageQuery;

    #[test]
    fn a_contract_is_the_sum_of_the_arguments() {
        async fn cancel(
            _: State<App>,
            _: May<grants::BookCare>,
            _: Id<uuid::Uuid>,
            _: IdempotencyKey<()>,
        ) {
        }
        async fn edit(_: May<grants::Audit>, _: IfMatch, _: Json<()>) {}
        async fn list(_: Query<PageQuery>) {}
        async fn health() {}
        let cancel = contract_of(cancel);
        assert_eq!(cancel.roles, grants::BookCare::ROLES);
        assert!(cancel.idempotency_key && !cancel.if_match && cancel.query.is_none());
        let edit = contract_of(edit);
        assert_eq!(edit.roles, grants::Audit::ROLES);
        assert!(edit.if_match && !edit.idempotency_key);
        let list = contract_of(list).query.expect("a query")();
        let names: Vec<&str> = list.iter().map(|parameter| &*parameter.name).collect();
        assert_eq!(names, ["cursor", "limit"]);
        assert!(contract_of(health).roles.is_empty());
    }
}
