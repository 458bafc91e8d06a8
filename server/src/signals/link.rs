//! Links by which a family answers without an account: a token after `#`, and a code in a message of its own. The page behind
//! them is in `server/pages/answers`.

use chrono::{DateTime, Utc};
use entity::enums::{Language, SubjectKind};
use entity::ids::{AccountId, AnswerLinkId, CommunityId, MessageId};
use entity::{answer_link, follow_task, patient};
use serde::de::DeserializeOwned;
use serde_json::json;
use uuid::Uuid;

use crate::app::App;
use crate::crypto::{random_digits, random_token, token_hash};
use crate::db::Tx;
use crate::domain::event::EventKind;
use crate::domain::follow_up::link_hour;
use crate::domain::questionnaire::LinkState;
use crate::error::{Error, Result};
use crate::message::Message;
use crate::pages::ANSWERS;
use crate::problem::{Code, Problem};
use crate::rules::RuleBook;
use crate::store;
use crate::store::event::NewEvent;
use crate::store::message::{About, Receiver};

/// A link on its way.
pub(crate) struct Sent {
    pub link: answer_link::Model,
    /// The message that holds it; none: the link waits already.
    pub message: Option<MessageId>,
}

/// When a link for a task goes out; none when that is after its last day.
pub(crate) fn hour(app: &App, book: &RuleBook, task: &follow_task::Model) -> Option<DateTime<Utc>> {
    let days = (task.due_on, task.ends_on);
    link_hour(&book.follow_up, &book.calendar, app.now(), days)
}

/// Sends a link and its code; nobody sends it when its time has come by itself. Outside the hours of contact it goes
/// out when they begin, and until then it is the one that is given again. Links before it are void from then on.
pub(crate) async fn send(
    tx: &Tx,
    app: &App,
    book: &RuleBook,
    task: &follow_task::Model,
    (to, by): (&Receiver, Option<AccountId>),
) -> Result<Sent> {
    let community = task.community_id;
    if let Some(link) = store::answer::waiting_link(tx, task, app.now()).await? {
        let message = None;
        return Ok(Sent { link, message });
    }
    let sends_at = hour(app, book, task).ok_or(Code::AnswerLinkHours)?;
    let id = app.new_id::<AnswerLinkId>();
    // The community stands in front, so that the look-up stays within it.
    let token = format!("{}.{}", community.0.simple(), random_token());
    let code = random_digits(6);
    let rules = book.questionnaires.link;
    let row = answer_link::Model {
        community_id: community,
        id,
        task_id: task.id,
        token_hash: token_hash(&token),
        code_hash: store::answer::code_hash(app, id, &code),
        sent_by: by,
        sent_at: sends_at,
        expires_at: rules.expires_at(sends_at),
        tries: 0,
        used_at: None,
        request_hash: None,
        reply_enc: None,
    };
    store::answer::insert_link(tx, row.clone()).await?;
    let about = About {
        task: task.id,
        link: Some(id),
    };
    let when = (about, sends_at);
    let url = format!("{}{ANSWERS}#{token}", app.config.public_url);
    let hours = rules.valid_h;
    let text = Message::AnswerLink { url, hours };
    let message = store::message::about(tx, app, community, to, &text, when).await?;
    let text = Message::AnswerCode { code };
    store::message::about(tx, app, community, to, &text, when).await?;
    let event = NewEvent::new(
        EventKind::AnswerLinkSent,
        SubjectKind::Patient,
        task.patient_id.0,
        by,
    )
    .institution(task.institution_id)
    .patient(task.patient_id)
    .payload(json!({ "task_id": task.id, "link_id": id, "expires_at": row.expires_at }));
    store::event::append(tx, app, community, event).await?;
    Ok(Sent {
        link: row,
        message: Some(message),
    })
}

/// Who hears of a patient's follow-up: whoever may book for the patient, else the patient; none when nobody has a phone.
pub(crate) async fn receiver(
    tx: &Tx,
    app: &App,
    patient: &patient::Model,
) -> Result<Option<Receiver>> {
    let carers = store::carer::of_patient(&**tx, patient.community_id, patient.id).await?;
    if let Some((_, account)) = carers.into_iter().find(|(carer, _)| carer.may_book) {
        return Receiver::of(app, &account).map(Some);
    }
    let phone = store::patient::phone(app, patient)?;
    Ok(phone.map(|phone| Receiver {
        account: None,
        phone: phone.reveal().to_owned(),
        language: Language::Zh,
    }))
}

/// What a token and a code open.
pub(crate) enum Opened {
    /// The link and its task.
    Right(Box<(answer_link::Model, follow_task::Model)>),
    /// The code was wrong; the try is counted, and this is what is told.
    Wrong(Box<Problem>),
}

/// Looks a link up by its token and holds the code against it. A wrong code is no error here, so that the try is kept.
pub(crate) async fn open(
    tx: &Tx,
    app: &App,
    book: &RuleBook,
    (community, token): (CommunityId, &str),
    code: &str,
) -> Result<Opened> {
    let found = store::answer::lock_link(tx, community, token).await?;
    let link = found.ok_or(Code::AnswerLinkInvalid)?;
    let rules = book.questionnaires.link;
    let state = LinkState {
        used: link.used_at.is_some(),
        expires_at: link.expires_at,
        tries: link.tries,
    };
    if let Err(error) = rules.check(&state, app.now()) {
        return Err(Code::parse(error.code())
            .unwrap_or(Code::AnswerLinkInvalid)
            .into());
    }
    if store::answer::code_hash(app, link.id, code) != link.code_hash {
        store::answer::note_try(tx, &link).await?;
        let left = rules.tries - link.tries - 1;
        let problem = Problem::new(Code::AnswerLinkCode).with("left", left);
        return Ok(Opened::Wrong(Box::new(problem)));
    }
    let task = store::follow_up::in_community(&**tx, community, link.task_id).await?;
    let task = task.ok_or_else(|| Error::internal("a link has no task"))?;
    Ok(Opened::Right(Box::new((link, task))))
}

/// What was told to the same answers through the same link: the first answer may have been lost on its way.
pub(crate) async fn told_before<T: DeserializeOwned>(
    tx: &Tx,
    app: &App,
    (community, token): (CommunityId, &str),
    code: &str,
    request: &str,
) -> Result<Option<T>> {
    let Some(link) = store::answer::lock_link(tx, community, token).await? else {
        return Ok(None);
    };
    if store::answer::code_hash(app, link.id, code) != link.code_hash {
        return Ok(None);
    }
    store::answer::reply(app, &link, request)
}

/// The community that a token names.
pub(crate) fn community_of(token: &str) -> Result<CommunityId> {
    let named = token
        .split_once('.')
        .and_then(|(named, _)| Uuid::try_parse(named).ok());
    named
        .map(CommunityId)
        .ok_or_else(|| Code::AnswerLinkInvalid.into())
}
