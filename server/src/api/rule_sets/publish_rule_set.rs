//! `POST /v1/rule-sets/{kind}`: publish a new version of a rule file.

use axum::extract::State;
use entity::enums::{RuleSetKind, SubjectKind};
use serde::Serialize;
use serde_json::{Value, json};

use super::RuleSetHead;
use crate::answer::Answer;
use crate::app::App;
use crate::db::Tx;
use crate::domain::calendar::Calendar;
use crate::domain::catalogue::Catalogue;
use crate::domain::charge::Entitlements;
use crate::domain::consent::ConsentTexts;
use crate::domain::device::DeviceRules;
use crate::domain::event::EventKind;
use crate::domain::follow_up::FollowUpRules;
use crate::domain::harm::HarmKinds;
use crate::domain::indicator::IndicatorRules;
use crate::domain::picture;
use crate::domain::price::PriceRules;
use crate::domain::questionnaire::Questionnaires;
use crate::domain::record_form::RecordForms;
use crate::domain::red_flag::RedFlags;
use crate::domain::rehab::ExerciseLibrary;
use crate::domain::rulefile::{self, Edition, RuleErrors, RuleFile};
use crate::domain::scale::Scales;
use crate::domain::visit_rules::VisitRules;
use crate::domain::vitals::VitalRules;
use crate::error::{Error, Result};
use crate::extract::{Id, IdempotencyKey, May, grants};
use crate::problem::{Code, Problem};
use crate::store::event::NewEvent;
use crate::{once, store};

/// Publish a version of a rule file.
///
/// The body is the whole file. Its version is the newest one plus 1, and it holds from `valid_from` on. Every
/// mistake is named in `problems`. A price file has a price for every item of the newest catalogue, and for no
/// other: publish the catalogue first. A picture of an exercise is uploaded first (`POST /v1/exercise-pictures`).
#[utoipa::path(
    post, path = "/v1/rule-sets/{kind}", tag = "rules",
    request_body(content = Object, description = "The file, as `GET /v1/rule-sets/{kind}/{version}` shows one in `content`"),
    params(
        ("kind" = RuleSetKind, Path, description = "Kind of file"),
        ("Idempotency-Key" = String, Header, description = "8 to 64 letters, digits, - or _"),
    ),
    responses((
        status = 201, description = "Published", body = RuleSetHead,
        headers(("Location" = String, description = "Address of the version"))
    ))
)]
pub async fn publish_rule_set(
    State(app): State<App>,
    may: May<grants::PublishRules>,
    Id(kind): Id<RuleSetKind>,
    IdempotencyKey { key, body }: IdempotencyKey<Value>,
) -> Result<Answer> {
    let text = body.to_string();
    once!(app, may, key, "publish_rule_set", |tx| {
        match kind {
            RuleSetKind::Catalogue => {
                publish(tx, &app, &may, kind, &read::<Catalogue>(&text)?).await
            }
            RuleSetKind::Prices => {
                let prices = read::<PriceRules>(&text)?;
                check_gaps(tx, &may, &prices).await?;
                publish(tx, &app, &may, kind, &prices).await
            }
            RuleSetKind::Holidays => publish(tx, &app, &may, kind, &read::<Calendar>(&text)?).await,
            RuleSetKind::Devices => {
                publish(tx, &app, &may, kind, &read::<DeviceRules>(&text)?).await
            }
            RuleSetKind::RecordForms => {
                publish(tx, &app, &may, kind, &read::<RecordForms>(&text)?).await
            }
            RuleSetKind::Harm => publish(tx, &app, &may, kind, &read::<HarmKinds>(&text)?).await,
            RuleSetKind::Exercises => {
                let library = read::<ExerciseLibrary>(&text)?;
                check_pictures(tx, &may, &library).await?;
                publish(tx, &app, &may, kind, &library).await
            }
            RuleSetKind::Questionnaires => {
                publish(tx, &app, &may, kind, &read::<Questionnaires>(&text)?).await
            }
            RuleSetKind::RedFlags => publish(tx, &app, &may, kind, &read::<RedFlags>(&text)?).await,
            RuleSetKind::Scales => publish(tx, &app, &may, kind, &read::<Scales>(&text)?).await,
            RuleSetKind::FollowUp => {
                publish(tx, &app, &may, kind, &read::<FollowUpRules>(&text)?).await
            }
            RuleSetKind::Indicators => {
                publish(tx, &app, &may, kind, &read::<IndicatorRules>(&text)?).await
            }
            RuleSetKind::Entitlements => {
                publish(tx, &app, &may, kind, &read::<Entitlements>(&text)?).await
            }
            RuleSetKind::Vitals => publish(tx, &app, &may, kind, &read::<VitalRules>(&text)?).await,
            RuleSetKind::VisitRules => {
                publish(tx, &app, &may, kind, &read::<VisitRules>(&text)?).await
            }
            RuleSetKind::Consents => {
                publish(tx, &app, &may, kind, &read::<ConsentTexts>(&text)?).await
            }
        }
    })
}

fn read<T: RuleFile>(text: &str) -> Result<T> {
    rulefile::parse(text).map_err(|errors| invalid(&errors))
}

fn invalid(errors: &RuleErrors) -> Error {
    Problem::new(Code::RuleSetInvalid)
        .with("count", errors.0.len())
        .member("problems", &errors.0)
        .into()
}

/// Prices and the newest catalogue have to meet.
async fn check_gaps(tx: &Tx, may: &May<grants::PublishRules>, prices: &PriceRules) -> Result<()> {
    let kind = RuleSetKind::Catalogue;
    let version = store::rule_set::newest(&**tx, may.community, kind).await?;
    let row = store::rule_set::get(&**tx, may.community, kind, version)
        .await?
        .ok_or_else(|| Error::internal("the community has no catalogue"))?;
    let catalogue = Catalogue::parse(&row.content).map_err(Error::internal)?;
    let gaps = prices.gaps(&catalogue);
    if gaps.is_empty() {
        return Ok(());
    }
    Err(invalid(&RuleErrors(gaps)))
}

/// The community has every picture that a library names.
async fn check_pictures(
    tx: &Tx,
    may: &May<grants::PublishRules>,
    library: &ExerciseLibrary,
) -> Result<()> {
    let named = picture::own(library);
    let has = store::exercise_picture::known(&**tx, may.community, named).await?;
    let missing = picture::missing(library, &has);
    if missing.is_empty() {
        return Ok(());
    }
    Err(invalid(&RuleErrors(missing)))
}

/// Stores a checked file.
async fn publish(
    tx: &Tx,
    app: &App,
    may: &May<grants::PublishRules>,
    kind: RuleSetKind,
    file: &(impl RuleFile + Serialize),
) -> Result<Answer> {
    let community = may.community;
    let edition: Edition<'_> = file.edition();
    let newest = store::rule_set::newest(&**tx, community, kind).await?;
    let expected = newest + 1;
    let gap = || Problem::new(Code::RuleSetVersion).with("expected", expected);
    if i64::from(edition.version) != i64::from(expected) {
        return Err(gap().into());
    }
    let content = serde_json::to_string(file).map_err(Error::internal)?;
    let by = Some(may.account);
    store::rule_set::publish(tx, app, community, kind, &content, edition, by)
        .await
        .map_err(|error| match error.code() {
            // Somebody published the same version at this moment.
            Some(Code::RuleSetVersion) => gap().with("expected", expected + 1).into(),
            _ => error,
        })?;
    let event = NewEvent::new(
        EventKind::RulesPublished,
        SubjectKind::Community,
        community.0,
        by,
    );
    let event = event.payload(json!({ "kind": kind, "version": expected }));
    store::event::append(tx, app, community, event).await?;
    let head = store::rule_set::head(&**tx, community, kind, expected)
        .await?
        .ok_or_else(|| Error::internal("a version just published is not there"))?;
    let location = format!("/v1/rule-sets/{kind}/{expected}");
    Answer::created(location, &RuleSetHead::from(head))
}
