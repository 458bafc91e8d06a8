//! An act that is told later, done by the function of its own operation.

use entity::enums::ActKind;
use entity::ids::VisitId;
use serde::de::DeserializeOwned;

use crate::answer::Answer;
use crate::api::visits::step::Act;
use crate::api::visits::{
    abort_visit, arrive, close_visit, depart, finish_visit, record_visit, report_positions,
    start_procedure,
};
use crate::error::Result;
use crate::extract::parse;

/// Does it, as of its moment. The body is that of the operation of the same name.
pub(super) async fn perform(
    act: &Act<'_>,
    kind: ActKind,
    visit: VisitId,
    body: &str,
) -> Result<Answer> {
    match kind {
        ActKind::Depart => depart::apply(act, visit, &read(body)?).await,
        ActKind::Arrive => arrive::apply(act, visit, &read(body)?).await,
        ActKind::Start => start_procedure::apply(act, visit, &read(body)?).await,
        ActKind::Record => {
            // The nurse is the only one who writes it, and her chain says which text is the later one.
            let kept = record_visit::apply(act, visit, &read(body)?, None).await?;
            Answer::ok(&kept)
        }
        ActKind::Finish => finish_visit::apply(act, visit, &read(body)?).await,
        ActKind::Close => close_visit::apply(act, visit, &read(body)?).await,
        ActKind::Abort => abort_visit::apply(act, visit, &read(body)?).await,
        ActKind::Positions => {
            report_positions::apply(act, visit, &read(body)?).await?;
            Ok(Answer::empty())
        }
    }
}

fn read<T: DeserializeOwned>(body: &str) -> Result<T> {
    parse(body.as_bytes())
}
