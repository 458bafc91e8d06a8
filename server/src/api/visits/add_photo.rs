//! `POST /v1/visits/{visit_id}/photos`: a photo for the record.

use axum::extract::State;
use chrono::{DateTime, TimeDelta, Utc};
use entity::ids::{PhotoId, VisitId};
use entity::{care_order, visit, visit_photo};
use serde::Deserialize;
use serde_json::json;
use utoipa::IntoParams;

use super::photo::Photo;
use super::refused::traced;
use super::step::Act;
use crate::answer::Answer;
use crate::app::App;
use crate::crypto::sha256_hex;
use crate::domain::code::{ItemCode, Key};
use crate::domain::event::EventKind;
use crate::domain::photo::{PhotoRefusal, may_add};
use crate::domain::record_form::FieldKind;
use crate::domain::sync::{moment, skew};
use crate::error::{Error, Result};
use crate::extract::{Id, May, PhotoUpload, Query, grants};
use crate::photos::{Cleansed, Part};
use crate::problem::{Code, Problem};
use crate::rules::RuleBook;
use crate::wire::Moment;
use crate::{in_write, once, store};

/// What a photo shows.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PhotoQuery {
    /// The item it was taken for.
    pub item: Option<ItemCode>,
    /// The field of the item's form, of kind `photo`; only with `item`.
    pub field: Option<Key>,
    /// When it was taken, by the device; left out, or ahead of our clock: now.
    pub taken_at: Option<Moment>,
    /// What the phone's clock says as it sends this: by it a wrong clock is noticed and `taken_at` corrected. Sent again
    /// later, it is another request, with a key of its own.
    pub sent_at: Option<Moment>,
}

/// A photo as it was made ready and put away.
struct Kept {
    id: PhotoId,
    key: String,
    width: u32,
    height: u32,
    bytes: usize,
}

/// Add a photo.
///
/// From the start of the procedure until the record is signed; afterwards only a photo that the signed record or an
/// amendment names by its SHA-256 (in hex, of the file as it is sent), so that a phone without signal may sign first and
/// bring the photo later. The image of a signature under a consent of this visit is taken from the arrival on, that of
/// whoever took the waste over once its return is noted. JPEG, PNG and WebP are taken, whatever `Content-Type` says, up to
/// `photos.max_bytes`; kept is a JPEG without metadata, the right way up, its longer side at most `photos.kept_side_px`.
/// The same file sent again for the visit is the same photo. Of a visit that was taken from the nurse, a photo is kept that a record
/// names which she told later: it is read beside that record by herself and by staff, and is no part of the visit.
#[utoipa::path(
    post, path = "/v1/visits/{visit_id}/photos", tag = "visits",
    request_body(description = "The picture", content(
        (String = "image/jpeg"), (String = "image/png"), (String = "image/webp"),
    )),
    params(("visit_id" = VisitId, Path, description = "A visit of the caller")),
    responses((
        status = 201, description = "Kept", body = Photo,
        headers(("Location" = String, description = "Where it can be read"))
    ))
)]
pub async fn add_photo(
    State(app): State<App>,
    may: May<grants::DoVisits>,
    Id(id): Id<VisitId>,
    Query(query): Query<PhotoQuery>,
    upload: PhotoUpload,
) -> Result<Answer> {
    let outcome = add(&app, &may, (id, &query), upload).await;
    traced(&app, &may, (id, "add_photo"), outcome).await
}

async fn add(
    app: &App,
    may: &May<grants::DoVisits>,
    (id, query): (VisitId, &PhotoQuery),
    upload: PhotoUpload,
) -> Result<Answer> {
    let (db, key) = (app.db.reader(), &upload.key);
    let told = store::idempotency::find(db, app, may.community, may.account, key).await?;
    if let Some(answer) = told {
        return Ok(answer);
    }
    let wanted = Wanted {
        visit: id,
        query,
        sha256: sha256_hex(&upload.bytes),
    };
    // Asked before the picture is looked at, and again when it is there.
    let known = in_write!(app.db, "check_photo", |tx| {
        let found = wanted.check(&Act::now(tx, app, may, None)).await?;
        Ok(found.known.is_some())
    })?;
    let kept = if known {
        None
    } else {
        let cleansed = app.photos.cleanse(upload.bytes.clone()).await?;
        Some(put_away(app, may, cleansed).await?)
    };
    once!(app, may, upload.key, "add_photo", |tx| {
        let act = Act::now(tx, app, may, None);
        wanted.note(&act, kept.as_ref()).await
    })
}

/// The pictures first and the row later: what a crash leaves behind is dropped by the clean-up.
async fn put_away(app: &App, may: &May<grants::DoVisits>, made: Cleansed) -> Result<Kept> {
    let id = app.new_id::<PhotoId>();
    let store = &app.photos.store;
    let key = store.key(may.community, id);
    let kept = Kept {
        id,
        width: made.width,
        height: made.height,
        bytes: made.jpeg.len(),
        key,
    };
    let at = (id, kept.key.as_str());
    store.put(&app.cipher, at, Part::Small, made.small).await?;
    store.put(&app.cipher, at, Part::Whole, made.jpeg).await?;
    Ok(kept)
}

/// A photo that somebody wants to add.
struct Wanted<'a> {
    visit: VisitId,
    query: &'a PhotoQuery,
    sha256: String,
}

/// Where it would go.
struct Found {
    visit: visit::Model,
    order: care_order::Model,
    signed: bool,
    known: Option<visit_photo::Model>,
}

impl Found {
    /// Whether the visit takes a photo that something of it names, or nothing. One that was taken from the nurse is not hers
    /// any more, but for what the records name that she told later.
    fn takes(&self, named: bool) -> Result<()> {
        if self.visit.released_at.is_some() {
            return named.then_some(()).ok_or_else(|| Code::NotFound.into());
        }
        let may = may_add(self.order.state, self.signed, named);
        may.map_err(|refusal| {
            let problem = match refusal {
                PhotoRefusal::WrongState => {
                    Problem::new(Code::OrderWrongState).with("state", self.order.state)
                }
                PhotoRefusal::NotNamed => Problem::new(Code::PhotoNotInRecord),
            };
            problem.into()
        })
    }
}

impl Wanted<'_> {
    /// Whether the visit takes it.
    async fn check(&self, act: &Act<'_>) -> Result<Found> {
        let db = &**act.tx;
        let (visit, order) = self.whose(act).await?;
        let community = visit.community_id;
        let known = store::photo::of_content(db, community, visit.id, &self.sha256).await?;
        let signature = store::record::signature(db, community, visit.id).await?;
        let found = Found {
            signed: signature.is_some(),
            visit,
            order,
            known,
        };
        if found.known.is_some() {
            return Ok(found);
        }
        let names = super::photo::names(act.app, db, &found.visit).await?;
        found.takes(names.contains(&self.sha256))?;
        self.check_field(act, &found.order).await?;
        let most = act.app.config.photos.most_per_visit;
        if store::photo::count(db, community, found.visit.id).await? >= most {
            return Err(Problem::new(Code::PhotosTooMany).with("limit", most).into());
        }
        Ok(found)
    }

    /// The nurse's own visit that she leads, or one that was taken from her.
    async fn whose(&self, act: &Act<'_>) -> Result<(visit::Model, care_order::Model)> {
        match act.mine_to_lead(self.visit).await {
            Err(error) if error.code() == Some(Code::NotFound) => {
                let scope = &act.may.scope;
                let found = store::visit::taken_away(&**act.tx, scope, self.visit).await?;
                found
                    .filter(|(visit, _)| Some(visit.nurse_id) == act.may.nurse)
                    .ok_or(error)
            }
            found => found,
        }
    }

    /// The item is ordered, and the field is one for photos.
    async fn check_field(&self, act: &Act<'_>, order: &care_order::Model) -> Result<()> {
        let wrong = |field: &str, code: Code, param: (&'static str, String)| {
            let problem = Problem::new(Code::InvalidRequest);
            Err(problem.field_with(field, code, vec![param]).into())
        };
        let Some(item) = &self.query.item else {
            return match &self.query.field {
                None => Ok(()),
                Some(_) => wrong("item", Code::FieldMissing, ("name", "item".to_owned())),
            };
        };
        let ordered = store::matching::item_codes(&**act.tx, order.community_id, order.id).await?;
        if !ordered.iter().any(|code| code == item.as_str()) {
            return wrong("item", Code::ItemNotOrdered, ("item", item.to_string()));
        }
        let Some(field) = &self.query.field else {
            return Ok(());
        };
        let forms = RuleBook::at(&**act.tx, act.app, order.community_id, act.at)
            .await?
            .record_forms;
        let form = forms.form(item.as_str());
        let mut fields = form.into_iter().flat_map(|form| forms.fields(form));
        if fields.any(|one| one.code == *field && one.kind == FieldKind::Photo) {
            return Ok(());
        }
        wrong("field", Code::FieldUnknown, ("name", field.to_string()))
    }

    /// Notes the photo that was put away, unless the visit has it meanwhile.
    async fn note(&self, act: &Act<'_>, kept: Option<&Kept>) -> Result<Answer> {
        let found = self.check(act).await?;
        let row = match (found.known, kept) {
            (Some(row), _) => row,
            (None, None) => return Err(Error::internal("a photo is gone that was there")),
            (None, Some(kept)) => {
                let row = self.row(act, kept, found.signed)?;
                store::photo::insert(act.tx, row.clone()).await?;
                let payload =
                    json!({ "photo_id": row.id, "item": row.item_code, "sha256": row.sha256 });
                let (kind, of) = (EventKind::VisitPhotoAdded, (&found.visit, &found.order));
                act.leave_event(kind, of, None, payload).await?;
                row
            }
        };
        let location = format!("/v1/visits/{}/photos/{}", row.visit_id, row.id);
        Answer::created(location, &Photo::of(&row))
    }

    fn taken_at(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        let sent = self.query.sent_at;
        let ahead = sent.map_or(TimeDelta::zero(), |sent| skew(*sent, now));
        let taken = self.query.taken_at;
        taken.map_or(now, |taken| moment(*taken, ahead, now, None))
    }

    fn row(&self, act: &Act<'_>, kept: &Kept, signed: bool) -> Result<visit_photo::Model> {
        let number = |value: u32| i32::try_from(value).map_err(Error::internal);
        Ok(visit_photo::Model {
            community_id: act.may.community,
            id: kept.id,
            visit_id: self.visit,
            item_code: self.query.item.as_ref().map(ToString::to_string),
            field: self.query.field.as_ref().map(ToString::to_string),
            sha256: self.sha256.clone(),
            object_key: kept.key.clone(),
            bytes: i64::try_from(kept.bytes).map_err(Error::internal)?,
            width: number(kept.width)?,
            height: number(kept.height)?,
            taken_at: self.taken_at(act.at),
            after_signature: signed,
            created_by: act.may.account,
            created_at: act.app.now(),
        })
    }
}
