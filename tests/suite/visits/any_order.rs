//! The steps of a visit over HTTP in any order, beside a small model of docs/RULES.md: whatever is called when, no gate
//! is gone around, and the order stands where the model says. The rules themselves are driven through far more lives in
//! `server/src/domain/steps/tests.rs`; here it is the service that puts them together.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use entity::ids::OrderId;
use entity::{care_order, visit};
use jiahu::dispatch::Acceptance;
use jiahu::store;
use jiahu_tests::harness::{
    CENTRE, NurseSpec, Reply, Scene, SceneNurse, TestServer, consent_body, filled_forms,
    good_answers, new_patient, with_family,
};
use jiahu_tests::on_both;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};

use super::here;

/// Orders that are played.
const LIVES: u64 = 60;
/// Calls of each.
const CALLS: usize = 32;

/// What is tried; `Second` is done by the nurse of the second seat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Try {
    SecondAccepts,
    Depart,
    Arrive,
    Identify { identifiers: usize },
    Consent,
    Withdraw,
    Allow,
    Forbid,
    Screen { hard: bool },
    Start,
    Record,
    Finish,
    Sign,
    Waste,
    Close,
    Abort,
    Leave,
    Cancel,
    SecondDeparts,
    SecondArrives,
    SecondStarts,
    SecondFinishes,
    SecondTakenOff,
}

/// The model: what has been done.
#[derive(Debug, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own, not a state"
)]
struct Model {
    for_two: bool,
    second: bool,
    departed: bool,
    arrived: bool,
    known: bool,
    consented: bool,
    /// The use of location was taken back.
    forbidden: bool,
    screened: bool,
    started: bool,
    recorded: bool,
    finished: bool,
    signed: bool,
    waste: bool,
    second_out: bool,
    second_there: bool,
    second_left: bool,
    /// The desk took the second one off while the visit was under way.
    goes_on: bool,
    out_of_it: bool,
    end: Option<&'static str>,
}

impl Model {
    fn state(&self) -> &'static str {
        match self {
            Self { end: Some(end), .. } => end,
            Self { finished: true, .. } => "finished",
            Self { started: true, .. } => "in_procedure",
            Self { arrived: true, .. } => "arrived",
            Self { departed: true, .. } => "departed",
            Self {
                for_two: true,
                second: false,
                ..
            } => "open",
            _ => "accepted",
        }
    }

    fn allows(&self, what: Try) -> bool {
        let state = self.state();
        let at_the_door = state == "arrived";
        let is_second = self.for_two && self.second;
        match what {
            Try::SecondAccepts => state == "open",
            Try::Depart => state == "accepted" && !self.forbidden,
            Try::Allow => self.forbidden,
            Try::Forbid => !self.forbidden,
            Try::Arrive => state == "departed",
            Try::Identify { identifiers } => at_the_door && identifiers > 1,
            Try::Consent => at_the_door && !self.consented,
            Try::Withdraw => self.consented,
            Try::Screen { .. } => at_the_door,
            Try::Start => {
                let both = !self.for_two || self.second_there;
                let asked = self.known && self.consented && self.screened;
                at_the_door && !self.forbidden && both && asked
            }
            Try::Record => {
                let broken_off = state == "aborted" && self.started;
                (matches!(state, "in_procedure" | "finished") || broken_off) && !self.signed
            }
            Try::Finish => state == "in_procedure",
            Try::Sign => matches!(state, "finished" | "aborted") && self.recorded && !self.signed,
            Try::Waste => matches!(state, "finished" | "aborted") && !self.waste,
            Try::Close => {
                let alone = !self.for_two || self.second_left || self.goes_on;
                state == "finished" && self.recorded && self.signed && self.waste && alone
            }
            Try::Abort => matches!(state, "departed" | "arrived" | "in_procedure"),
            Try::Leave => state == "aborted" && !self.out_of_it,
            Try::Cancel => matches!(state, "open" | "accepted" | "departed"),
            Try::SecondDeparts => {
                is_second && self.under_way() && !self.second_out && !self.forbidden
            }
            Try::SecondArrives => {
                is_second && self.under_way() && self.second_out && !self.second_there
            }
            Try::SecondStarts => false,
            Try::SecondFinishes => {
                let begun = matches!(state, "in_procedure" | "finished");
                is_second && begun && self.second_there && !self.second_left
            }
            Try::SecondTakenOff => {
                let on_her_way = state == "accepted" && self.second_out;
                is_second && self.under_way() && !self.second_there && !on_her_way
            }
        }
    }

    fn under_way(&self) -> bool {
        matches!(
            self.state(),
            "accepted" | "departed" | "arrived" | "in_procedure" | "finished"
        )
    }

    fn run(&mut self, what: Try) {
        match what {
            Try::SecondAccepts => self.second = true,
            Try::Depart => self.departed = true,
            Try::Arrive => self.arrived = true,
            Try::Identify { .. } => self.known = true,
            Try::Consent => self.consented = true,
            Try::Withdraw => self.consented = false,
            Try::Allow => self.forbidden = false,
            Try::Forbid => self.forbidden = true,
            Try::Screen { hard: false } => self.screened = true,
            Try::Screen { hard: true } | Try::Abort => self.end = Some("aborted"),
            Try::Leave => self.out_of_it = true,
            Try::Start => self.started = true,
            Try::Record => self.recorded = true,
            Try::Finish => self.finished = true,
            Try::Sign => self.signed = true,
            Try::Waste => self.waste = true,
            Try::Close => self.end = Some("closed"),
            Try::Cancel => self.end = Some("cancelled"),
            Try::SecondDeparts => self.second_out = true,
            Try::SecondArrives => self.second_there = true,
            Try::SecondFinishes => self.second_left = true,
            Try::SecondTakenOff => {
                self.goes_on = self.state() != "accepted";
                self.second = false;
            }
            Try::SecondStarts => {}
        }
    }
}

/// Anything, or what comes next.
fn what_next(model: &Model, random: &mut ChaCha8Rng) -> Try {
    const ANY: &[Try] = &[
        Try::SecondAccepts,
        Try::Depart,
        Try::Arrive,
        Try::Identify { identifiers: 1 },
        Try::Consent,
        Try::Withdraw,
        Try::Allow,
        Try::Forbid,
        Try::Screen { hard: true },
        Try::Start,
        Try::Record,
        Try::Finish,
        Try::Sign,
        Try::Waste,
        Try::Close,
        Try::Abort,
        Try::Leave,
        Try::Cancel,
        Try::SecondDeparts,
        Try::SecondArrives,
        Try::SecondStarts,
        Try::SecondFinishes,
        Try::SecondTakenOff,
    ];
    let next: &[Try] = match model.state() {
        "open" => &[Try::SecondAccepts],
        "accepted" => &[Try::Depart, Try::SecondDeparts, Try::Allow],
        "departed" => &[Try::Arrive, Try::SecondDeparts, Try::SecondArrives],
        "arrived" => &[
            Try::Identify { identifiers: 2 },
            Try::Consent,
            Try::Screen { hard: false },
            Try::Start,
            Try::Allow,
            Try::SecondDeparts,
            Try::SecondArrives,
        ],
        "in_procedure" => &[Try::Record, Try::Finish, Try::SecondFinishes],
        "finished" => &[
            Try::Record,
            Try::Sign,
            Try::Waste,
            Try::SecondDeparts,
            Try::SecondArrives,
            Try::SecondFinishes,
            Try::Close,
        ],
        "aborted" if model.started => &[Try::Record, Try::Sign, Try::Waste, Try::Leave],
        _ => ANY,
    };
    let from = if random.random_bool(0.75) { next } else { ANY };
    from[random.random_range(0..from.len())]
}

/// One order with its nurses.
struct Life<'a> {
    server: &'a TestServer,
    scene: &'a Scene,
    nurses: &'a [SceneNurse; 2],
    order: OrderId,
    visit: String,
    second: Option<String>,
    consent: Option<String>,
    /// Where the consents of the patient are, and the one to location.
    consents: String,
    location: String,
    text: Value,
    answers: Value,
}

async fn accept(
    server: &TestServer,
    scene: &Scene,
    order: OrderId,
    nurse: &SceneNurse,
) -> Option<String> {
    let app = &server.app;
    let acceptance = Acceptance {
        nurse: nurse.id,
        actor: scene.coordinator.account,
        assigned: true,
    };
    let accepted = jiahu::in_write!(app.db, "test_accept", |tx| {
        let found = store::order::in_community(&**tx, scene.town.community, order).await?;
        jiahu::dispatch::accept(tx, app, found.expect("an order"), acceptance).await
    });
    accepted.ok().map(|(_, visit)| visit.id.to_string())
}

impl<'a> Life<'a> {
    async fn begin(
        server: &'a TestServer,
        scene: &'a Scene,
        nurses: &'a [SceneNurse; 2],
        for_two: bool,
    ) -> Self {
        let home = new_patient(server, &scene.town, &scene.family, Some(CENTRE)).await;
        let start = server.now() + TimeDelta::hours(2);
        let order = scene
            .order_of(server, home, "UC_CHG", start, Some(CENTRE))
            .await;
        care_order::Entity::update_many()
            .col_expr(
                care_order::Column::Persons,
                Expr::value(if for_two { 2 } else { 1 }),
            )
            .filter(care_order::Column::Id.eq(order))
            .exec(server.app.db.reader())
            .await
            .expect("a change");
        let visit = accept(server, scene, order, &nurses[0])
            .await
            .expect("a visit");
        let client = nurses[0].person.client.unchecked();
        let asked = client
            .get(&format!("/v1/visits/{visit}/screening"))
            .await
            .expect(200);
        let consents = client
            .get(&format!("/v1/visits/{visit}/consents"))
            .await
            .expect(200);
        let path = format!("/v1/patients/{}/consents", home.0);
        let family = scene.family.client.unchecked();
        let given = family.get(&path).await.expect(200);
        let given = given["items"].as_array().expect("a list");
        let location = given.iter().find(|one| one["text"] == "location");
        let location = location.and_then(|one| one["id"].as_str());
        Self {
            location: location.expect("given").to_owned(),
            consents: path,
            server,
            scene,
            nurses,
            order,
            second: None,
            consent: None,
            text: consent_body(&consents["needed"][0], &consents["signers"][0]["carer_id"]),
            answers: good_answers(&asked["questions"]),
            visit,
        }
    }

    async fn lead(&self, step: &str, body: Value) -> Reply {
        let path = format!("/v1/visits/{}/{step}", self.visit);
        self.nurses[0]
            .person
            .client
            .unchecked()
            .post(&path, body)
            .await
    }

    /// The second nurse; she has no visit before she accepted, so she tries the other one's.
    async fn other(&self, step: &str, body: Value) -> Reply {
        let visit = self.second.as_ref().unwrap_or(&self.visit);
        let path = format!("/v1/visits/{visit}/{step}");
        self.nurses[1]
            .person
            .client
            .unchecked()
            .post(&path, body)
            .await
    }

    /// Tries it; whether it was done.
    async fn run(&mut self, what: Try) -> bool {
        let reply = match what {
            Try::SecondAccepts => {
                let visit = accept(self.server, self.scene, self.order, &self.nurses[1]).await;
                self.second = visit.clone().or(self.second.take());
                return visit.is_some();
            }
            Try::Depart => self.lead("depart", json!({})).await,
            Try::Arrive => self.lead("arrive", json!({ "place": here() })).await,
            Try::Identify { identifiers } => {
                let known = &["name", "birth_date"][..identifiers];
                let body =
                    json!({ "identifiers": known, "nurse_not_verified": "家属没有智能手机" });
                self.lead("identity", body).await
            }
            Try::Consent => {
                let reply = self.lead("consents", self.text.clone()).await;
                if reply.status.is_success() {
                    self.consent = reply.body["id"].as_str().map(str::to_owned);
                }
                reply
            }
            Try::Withdraw => {
                let id = self
                    .consent
                    .as_deref()
                    .unwrap_or("00000000-0000-7000-8000-000000000000");
                self.lead(
                    &format!("consents/{id}/withdraw"),
                    json!({ "reason": "改变主意" }),
                )
                .await
            }
            Try::Allow => {
                let family = self.scene.family.client.unchecked();
                let body = json!({ "text": "location", "version": 1 });
                let reply = family.post(&self.consents, body).await;
                if reply.status.is_success() {
                    reply.body["id"]
                        .as_str()
                        .expect("an id")
                        .clone_into(&mut self.location);
                }
                reply
            }
            Try::Forbid => {
                let family = self.scene.family.client.unchecked();
                let path = format!("{}/{}/withdraw", self.consents, self.location);
                family.post(&path, json!({})).await
            }
            Try::Screen { hard } => {
                let mut answers = self.answers.clone();
                answers["SEPSIS"] = json!(hard);
                self.lead("screening", json!({ "answers": answers })).await
            }
            Try::Start => self.lead("start", with_family()).await,
            Try::Record => self.record().await,
            Try::Finish => {
                // A visit lasts.
                self.server.app.clock.advance(TimeDelta::minutes(20));
                self.lead("finish", json!({})).await
            }
            Try::Sign => self.lead("sign", json!({})).await,
            Try::Waste => {
                let body = json!({ "bags": 1, "weight_g": 300, "returned_to": self.scene.town.centre, "handed_to": "赵强", "signature_hash": "5".repeat(64) });
                self.lead("waste", body).await
            }
            Try::Close => self.lead("close", json!({})).await,
            Try::Abort => self.lead("abort", json!({ "reason": "患者发热" })).await,
            Try::Leave => self.lead("leave", json!({})).await,
            Try::Cancel => {
                let desk = self.scene.coordinator.client.unchecked();
                desk.post(
                    &format!("/v1/orders/{}/cancel", self.order),
                    json!({ "reason": "家属要求" }),
                )
                .await
            }
            Try::SecondDeparts => self.other("depart", json!({})).await,
            Try::SecondArrives => self.other("arrive", json!({ "place": here() })).await,
            Try::SecondStarts => self.other("start", with_family()).await,
            Try::SecondFinishes => self.other("finish", json!({})).await,
            Try::SecondTakenOff => {
                let none = "00000000-0000-7000-8000-000000000000";
                let visit = self.second.as_deref().unwrap_or(none);
                let body = json!({ "reason": "联系不上", "visit_id": visit });
                let desk = self.scene.coordinator.client.unchecked();
                desk.post(&format!("/v1/orders/{}/reassign", self.order), body)
                    .await
            }
        };
        assert!(reply.status.as_u16() < 500, "{what:?}: {reply:?}");
        reply.status.is_success()
    }

    async fn record(&self) -> Reply {
        let path = format!("/v1/visits/{}", self.visit);
        let client = self.nurses[0].person.client.unchecked();
        let shown = client.get(&path).await;
        let etag = shown.headers.get("etag").and_then(|tag| tag.to_str().ok());
        let body = json!({
            "items_done": ["UC_CHG"],
            "vitals": [{ "code": "temperature", "value": 36.8 }],
            "note": "更换顺利",
            "consumables": [{ "code": "foley_catheter", "quantity": 1, "lot": "A17" }],
            "forms": filled_forms(&["UC_CHG"]),
        });
        client
            .put_if(&format!("{path}/record"), etag.unwrap_or("\"v0\""), body)
            .await
    }

    async fn state(&self) -> String {
        let db = self.server.app.db.reader();
        let row = store::order::in_community(db, self.scene.town.community, self.order).await;
        row.expect("a query").expect("the order").state.to_string()
    }
}

/// Plays one life; gives where it ended.
async fn play(server: &TestServer, scene: &Scene, nurses: &[SceneNurse; 2], seed: u64) -> String {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut model = Model {
        for_two: random.random_bool(0.3),
        ..Model::default()
    };
    let mut life = Life::begin(server, scene, nurses, model.for_two).await;
    let mut story = Vec::new();
    for _ in 0..CALLS {
        let what = what_next(&model, &mut random);
        let expected = model.allows(what);
        let done = life.run(what).await;
        assert_eq!(
            done,
            expected,
            "life {seed}: {story:?}, then {what:?} when {}",
            model.state()
        );
        if done {
            model.run(what);
            story.push(what);
        }
        assert_eq!(life.state().await, model.state(), "life {seed}: {story:?}");
    }
    let rows = visit::Entity::find().filter(visit::Column::OrderId.eq(life.order));
    let rows = rows.all(server.app.db.reader()).await.expect("visits");
    let over = model.end.is_some();
    assert!(
        !over || rows.iter().all(|row| !row.live),
        "life {seed}: nobody's time is taken any more"
    );
    model.state().to_owned()
}

on_both! {
    async fn no_order_of_calls_goes_around_a_gate(server: TestServer) {
        let scene = Scene::build(&server).await;
        let nurses = [
            scene.nurse(&server, 1, NurseSpec::default()).await,
            scene.nurse(&server, 2, NurseSpec::default()).await,
        ];
        let mut ends: BTreeMap<String, u32> = BTreeMap::new();
        let mut morning = server.now();
        for seed in 0..LIVES {
            *ends.entry(play(&server, &scene, &nurses, seed).await).or_default() += 1;
            // At night two would have to go.
            morning += TimeDelta::days(1);
            server.app.clock.advance(morning - server.now());
        }
        for end in ["closed", "aborted", "cancelled", "finished"] {
            assert!(ends.contains_key(end), "{ends:?}");
        }
    }
}
