//! `POST /fhir/R4`: discharges as a FHIR bundle.

use axum::extract::State;
use axum::http::header::{CONTENT_TYPE, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use entity::discharge_feed;
use entity::enums::{DischargeSource, Language};
use serde_json::{Value, json};

use super::tell_discharge::by_feed;
use crate::app::App;
use crate::db::Tx;
use crate::domain::calendar::local_date;
use crate::error::{Error, Result};
use crate::extract::{Foreign, Lang};
use crate::fhir::{
    self, Bundle, BundleType, Found, Issue, IssueCode, MAX_BYTES, MAX_ENTRIES, MEDIA_TYPE,
    OperationOutcome, Order,
};
use crate::follow_up::{self, Outcome};
use crate::problem::{Code, Problem};
use crate::rules::RuleBook;
use crate::{in_write, store};

/// What is answered instead of a bundle.
type Refused = (StatusCode, OperationOutcome);

/// Tell of discharges as FHIR R4.
///
/// A `Bundle` of type `transaction`, `batch` or `collection` with `Encounter`, `Patient` and `Condition` resources; others
/// are passed over. A finished inpatient `Encounter` is a discharge, `cancelled` or `entered-in-error` takes it back, and one
/// that ended in death (`dischargeDisposition` `exp`, or a deceased patient) ends the person's follow-up. Its first
/// identifier, else its id, is the system's own id. References go by `fullUrl`, by type and id, to contained resources, or
/// by identifier. Tubes, wounds and chemotherapy are told by further diagnoses (such as Z93.1, L89, Z51.1); what a bundle has no word for
/// (other conditions, the nurse, a planned next stay, notes) stays as a ward typed it. Days have to be whole; a birth date without its day is made whole by the id number. A batch takes each encounter by itself, the others all or none.
/// No login: the secret of the feed is the bearer token. At most 1,000 entries and 5 MiB. A refusal is an
/// `OperationOutcome`.
#[utoipa::path(
    post, path = "/fhir/R4", tag = "discharges", security(()),
    request_body(content = String, content_type = "application/fhir+json", description = "A FHIR R4 bundle"),
    responses(
        (status = 200, description = "A bundle with one answer for each entry", body = Object, content_type = "application/fhir+json"),
        (status = "4XX", description = "What is wrong", body = OperationOutcome, content_type = "application/fhir+json"),
    )
)]
pub async fn receive_bundle(State(app): State<App>, request: Foreign<MAX_BYTES>) -> Response {
    let language = Lang::of(request.headers());
    match answer(&app, &request, language).await {
        Ok(bundle) => send(StatusCode::OK, &bundle),
        Err((status, outcome)) => {
            let outcome = serde_json::to_value(&outcome).unwrap_or_default();
            send(status, &outcome)
        }
    }
}

fn send(status: StatusCode, body: &Value) -> Response {
    let mut response = (status, body.to_string()).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
    if status == StatusCode::UNAUTHORIZED {
        headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    response
}

async fn answer(
    app: &App,
    request: &Foreign<MAX_BYTES>,
    language: Language,
) -> Result<Value, Refused> {
    let refuse = |error: Error| refused(error, language);
    let (feed, body) = request.with_token(app).await.map_err(refuse)?;
    check_media_type(request).map_err(refuse)?;
    let bundle = read(&body)?;
    let community = feed.community_id;
    let book = RuleBook::current(app.db.reader(), app, community)
        .await
        .map_err(refuse)?;
    let found = fhir::discharges(&bundle, local_date(app.now()));
    let outcomes = if bundle.kind == BundleType::Batch {
        each(app, &book, &feed, &found, language).await
    } else {
        all(app, &book, &feed, &found, language).await?
    };
    Ok(response_bundle(&bundle, &found, &outcomes))
}

fn check_media_type(request: &Foreign<MAX_BYTES>) -> Result<()> {
    let kind = request.headers().get(CONTENT_TYPE);
    let kind = kind.and_then(|value| value.to_str().ok());
    let kind = kind.and_then(|text| text.split(';').next()).map(str::trim);
    match kind {
        Some("application/fhir+json" | "application/json") => Ok(()),
        _ => Err(Problem::new(Code::UnsupportedMediaType)
            .with("expected", MEDIA_TYPE)
            .into()),
    }
}

/// Reads a bundle; what is no bundle is told where.
fn read(body: &[u8]) -> Result<Bundle, Refused> {
    let refuse = |issue| (StatusCode::BAD_REQUEST, OperationOutcome::new(vec![issue]));
    let malformed = |at: String, error: String| {
        refuse(Issue::new(IssueCode::Structure, "malformed", error).at(at))
    };
    let unsupported = |code: &str, text: String| Issue::new(IssueCode::NotSupported, code, text);
    let value: Value = serde_json::from_slice(body)
        .map_err(|error| malformed("Bundle".to_owned(), error.to_string()))?;
    match value.get("resourceType").and_then(Value::as_str) {
        Some("Bundle") => {}
        Some(other) => {
            let text = format!("{other} is not a Bundle; send it as the resource of an entry");
            return Err(refuse(unsupported("not_a_bundle", text)));
        }
        None => {
            let text = "no resourceType".to_owned();
            return Err(malformed("Bundle.resourceType".to_owned(), text));
        }
    }
    let kind = value.get("type").and_then(Value::as_str);
    if let Some(kind) = kind.filter(|kind| !BundleType::is_known(kind)) {
        let text = format!("a {kind} is not taken; send a transaction, batch or collection");
        let issue = unsupported("bundle_type_not_supported", text);
        return Err(refuse(issue.at("Bundle.type")));
    }
    let entries = value.get("entry").and_then(Value::as_array);
    let entries = entries.map_or(0, Vec::len);
    if entries > MAX_ENTRIES {
        let text = format!("{entries} entries; at most {MAX_ENTRIES}");
        let issue = Issue::new(IssueCode::TooLong, Code::TooMany.as_str(), text);
        let outcome = OperationOutcome::new(vec![issue.at("Bundle.entry")]);
        return Err((StatusCode::PAYLOAD_TOO_LARGE, outcome));
    }
    serde_path_to_error::deserialize(&value).map_err(|error| {
        let at = format!("Bundle.{}", error.path());
        malformed(at, error.inner().to_string())
    })
}

/// What became of an encounter: its status, and what is wrong when something is.
type Done = (StatusCode, Option<String>, Option<Issue>);

async fn each(
    app: &App,
    book: &RuleBook,
    feed: &discharge_feed::Model,
    found: &[Found],
    language: Language,
) -> Vec<Done> {
    let mut outcomes = Vec::with_capacity(found.len());
    for one in found {
        let done = in_write!(app.db, "receive_encounter", |tx| {
            take(tx, app, book, feed, one).await
        });
        outcomes.push(match (done, &one.order) {
            (Ok(done), _) => done,
            (Err(_), Err(issue)) => (StatusCode::UNPROCESSABLE_ENTITY, None, Some(issue.clone())),
            (Err(error), Ok(_)) => {
                let problem = logged(error);
                let issue = Issue::of(&problem, language).at(place(one));
                (problem.code.status(), None, Some(issue))
            }
        });
    }
    outcomes
}

/// Takes all or none: the first refusal of a rule ends it, mistakes of reading are told together.
async fn all(
    app: &App,
    book: &RuleBook,
    feed: &discharge_feed::Model,
    found: &[Found],
    language: Language,
) -> Result<Vec<Done>, Refused> {
    let issues: Vec<_> = found
        .iter()
        .filter_map(|one| one.order.as_ref().err().cloned())
        .collect();
    if !issues.is_empty() {
        let outcome = OperationOutcome::new(issues);
        return Err((StatusCode::UNPROCESSABLE_ENTITY, outcome));
    }
    let done = in_write!(app.db, "receive_bundle", |tx| {
        let mut done = Vec::with_capacity(found.len());
        for one in found {
            match take(tx, app, book, feed, one).await {
                Ok(taken) => done.push(taken),
                // Which one it was stands beside the problem.
                Err(Error::Problem(problem)) => {
                    return Err((*problem).member("at", place(one)).into());
                }
                Err(other) => return Err(other),
            }
        }
        Ok(done)
    });
    done.map_err(|error| refused(error, language))
}

async fn take(
    tx: &Tx,
    app: &App,
    book: &RuleBook,
    feed: &discharge_feed::Model,
    found: &Found,
) -> Result<Done> {
    let by = by_feed(feed, DischargeSource::Fhir);
    let own = (feed.system.clone(), found.own.clone());
    let taken = match &found.order {
        Err(_) => return Err(Code::FieldInvalid.into()),
        Ok(Order::PassOver) => return Ok((StatusCode::OK, None, None)),
        Ok(Order::Cancel) => {
            let known = store::discharge::told_by(&**tx, by.community, (&own.0, &own.1)).await?;
            let known = known.ok_or(Code::DischargeUnknown)?;
            follow_up::cancel(tx, app, &by, &known).await?
        }
        Ok(Order::Died(number)) => {
            follow_up::died(tx, app, &by, (&own.0, &own.1), number.as_ref()).await?;
            return Ok((StatusCode::OK, None, None));
        }
        Ok(Order::Take(told)) => {
            let mut told = (**told).clone();
            told.system = Some(own);
            follow_up::take(tx, app, book, &by, &told).await?
        }
    };
    let status = match taken.outcome {
        Outcome::Created => StatusCode::CREATED,
        _ => StatusCode::OK,
    };
    Ok((status, Some(format!("Encounter/{}", taken.row.id)), None))
}

fn place(found: &Found) -> String {
    format!("Bundle.entry[{}].resource", found.place)
}

/// Answers in the order of the entries; those that are no encounters were read with theirs.
fn response_bundle(bundle: &Bundle, found: &[Found], outcomes: &[Done]) -> Value {
    let kind = match bundle.kind {
        BundleType::Batch => "batch-response",
        BundleType::Transaction | BundleType::Collection => "transaction-response",
    };
    let entries: Vec<_> = (0..bundle.entry.len())
        .map(|place| {
            let at = found.iter().position(|one| one.place == place);
            match at.and_then(|at| outcomes.get(at)) {
                None => json!({ "response": { "status": "200" } }),
                Some((status, location, issue)) => {
                    let mut response = json!({ "status": status.as_str() });
                    if let Some(location) = location {
                        response["location"] = json!(location);
                    }
                    if let Some(issue) = issue {
                        response["outcome"] = json!(OperationOutcome::new(vec![issue.clone()]));
                    }
                    json!({ "response": response })
                }
            }
        })
        .collect();
    json!({ "resourceType": "Bundle", "type": kind, "entry": entries })
}

fn refused(error: Error, language: Language) -> Refused {
    let problem = logged(error);
    let mut issue = Issue::of(&problem, language);
    if let Some(at) = problem.text_of("at") {
        issue = issue.at(at);
    }
    (problem.code.status(), OperationOutcome::new(vec![issue]))
}

/// The problem of an error; one of ours goes to the log.
fn logged(error: Error) -> Problem {
    if error.code().is_none() {
        tracing::error!(%error, "a bundle was not taken");
    }
    error.into_problem()
}
