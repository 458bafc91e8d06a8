//! The nurses of the days over a bad channel, and the county they work in.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use entity::enums::Role;
use entity::ids::OrderId;
use jiahu::dispatch::Acceptance;
use jiahu::store;
use jiahu_tests::harness::{
    CENTRE, Client, NurseSpec, Person, Scene, SceneNurse, TestServer, consent_body, filled_forms,
    good_answers, new_patient, with_family,
};
use jiahu_tests::phone::{Channel, Faults, Heard, Kept, Phone};
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};

use super::super::here;

/// What needs neither assessment nor prescription, so that days can follow upon each other.
pub(super) const ITEM: &str = "EDU";
/// Share of visits on which the nurse calls for help.
const ALARMS: f64 = 0.15;

/// A nurse with her phone.
pub(super) struct Player {
    pub(super) nurse: SceneNurse,
    pub(super) homes: Vec<(entity::ids::PatientId, entity::ids::AddressId)>,
    pub(super) phone: Phone,
    pub(super) channel: Channel,
    pub(super) random: ChaCha8Rng,
    pub(super) visits: Vec<(String, OrderId)>,
    /// Her clock was set in the middle of the day.
    pub(super) clock_was_set: bool,
    pub(super) disabled: bool,
    pub(super) taken: Vec<String>,
    /// Visits on which she called for help, once each.
    pub(super) pressed: BTreeSet<String>,
    /// Acts that the coordinator settled.
    pub(super) settled: BTreeSet<String>,
}

/// What is the same for everybody.
pub(super) struct County {
    pub(super) server: Arc<TestServer>,
    pub(super) scene: Scene,
    pub(super) admin: Person,
    pub(super) spare: SceneNurse,
    pub(super) consents: Vec<Value>,
    pub(super) answers: Value,
}

/// What came of it.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) days: u64,
    pub(super) acts: u64,
    pub(super) applied: u64,
    pub(super) refused: u64,
    pub(super) held: u64,
    pub(super) put_right: u64,
    pub(super) settled: u64,
    pub(super) taken: u64,
    pub(super) disabled: u64,
    pub(super) alarms: u64,
    pub(super) requests: u64,
}

impl County {
    pub(super) async fn build(server: Arc<TestServer>) -> Self {
        let scene = Scene::build(&server).await;
        let centre = Some(scene.town.centre);
        let admin = scene
            .town
            .person(&server, "13900000077", Role::Admin, centre)
            .await;
        let spare = scene.nurse(&server, 1, NurseSpec::default()).await;
        let mut county = Self {
            server,
            scene,
            admin,
            spare,
            consents: Vec::new(),
            answers: Value::Null,
        };
        let (visit, _) = county
            .visit(
                &county.spare,
                (county.scene.patient, county.scene.address),
                3,
            )
            .await
            .expect("a visit");
        let pack = county
            .spare
            .person
            .client
            .get("/v1/sync/pack")
            .await
            .expect(200);
        let sheets = pack["visits"].as_array().expect("a list");
        let sheet = sheets.iter().find(|sheet| sheet["visit"]["id"] == visit);
        let sheet = sheet.expect("the visit is in the pack");
        county.answers = good_answers(&sheet["screening"]["questions"]);
        county
            .consents
            .clone_from(sheet["consents"]["needed"].as_array().expect("a list"));
        county
    }

    pub(super) async fn player(&self, number: u32, seed: u64) -> Player {
        let (server, town) = (&self.server, &self.scene.town);
        let nurse = self.scene.nurse(server, number, NurseSpec::default()).await;
        let mut homes = Vec::new();
        for _ in 0..2 {
            homes.push(new_patient(server, town, &self.scene.family, Some(CENTRE)).await);
        }
        let seed = seed.wrapping_mul(1_000_003).wrapping_add(u64::from(number));
        Player {
            nurse,
            homes,
            phone: Phone::new(format!("phone-{number}"), TimeDelta::zero()),
            channel: Channel::new(Faults::default(), seed),
            random: ChaCha8Rng::seed_from_u64(seed),
            visits: Vec::new(),
            clock_was_set: false,
            disabled: false,
            taken: Vec::new(),
            pressed: BTreeSet::new(),
            settled: BTreeSet::new(),
        }
    }

    /// A visit of a nurse that begins in so many hours.
    async fn visit(
        &self,
        nurse: &SceneNurse,
        home: (entity::ids::PatientId, entity::ids::AddressId),
        hours: i64,
    ) -> Option<(String, OrderId)> {
        let (server, app) = (&self.server, &self.server.app);
        let start = server.now() + TimeDelta::hours(hours);
        let order = self
            .scene
            .order_of(server, home, ITEM, start, Some(CENTRE))
            .await;
        let acceptance = Acceptance {
            nurse: nurse.id,
            actor: self.scene.coordinator.account,
            assigned: true,
        };
        let community = self.scene.town.community;
        let (_, visit) = jiahu::in_write!(app.db, "test_accept", |tx| {
            let found = store::order::in_community(&**tx, community, order).await?;
            let found = found.expect("an order");
            jiahu::dispatch::accept(tx, app, found, acceptance).await
        })
        .ok()?;
        Some((visit.id.to_string(), order))
    }

    /// What a visit is made of: what was done, minutes after setting out, body.
    fn acts(&self, wrong_record: bool) -> Vec<(&'static str, i64, Value)> {
        let identity =
            json!({ "identifiers": ["name", "birth_date"], "nurse_not_verified": "无信号" });
        let mut acts = vec![
            ("depart", 0, json!({ "place": here() })),
            ("arrive", 20, json!({ "place": here() })),
            ("identity", 21, identity),
        ];
        for text in &self.consents {
            acts.push(("consent", 22, consent_body(text, &Value::Null)));
        }
        let waste = json!({ "bags": 1, "weight_g": 300, "returned_to": self.scene.town.centre, "handed_to": "赵强", "signature_hash": "5".repeat(64) });
        acts.extend([
            ("screening", 23, json!({ "answers": self.answers })),
            ("start", 25, with_family()),
            ("record", 60, record(wrong_record)),
            ("finish", 65, json!({ "place": here() })),
            ("sign", 66, json!({})),
            ("waste", 80, waste),
            ("close", 90, json!({})),
        ]);
        acts
    }
}

fn record(wrong: bool) -> Value {
    json!({
        "items_done": [ITEM],
        "vitals": [{ "code": "temperature", "value": if wrong { 99.0 } else { 36.8 } }],
        "note": "宣教完成",
        "consumables": [],
        "forms": filled_forms(&[ITEM]),
    })
}

impl Player {
    /// Does the day's visits; nothing is told yet.
    pub(super) async fn morning(&mut self, county: &County, tally: &mut Tally) {
        let minute = TimeDelta::minutes(self.random.random_range(-1..=1));
        self.phone.ahead = match self.random.random_range(0..10) {
            0 => TimeDelta::days(1),
            1 => -TimeDelta::days(1),
            _ => minute,
        };
        self.clock_was_set = false;
        (self.visits, self.taken) = (Vec::new(), Vec::new());
        self.pressed.clear();
        self.settled.clear();
        let count = self.random.random_range(1..=2);
        for (hours, home) in [1, 4].into_iter().zip(self.homes.clone()).take(count) {
            let found = county.visit(&self.nurse, home, hours).await;
            let (visit, order) = found.expect("she may take it");
            if self.random.random_bool(0.06) {
                let body = json!({ "nurse_id": county.spare.id, "reason": "联系不上" });
                let path = format!("/v1/orders/{order}/reassign");
                let client = county.scene.coordinator.client.unchecked();
                if client.post(&path, body).await.status == 200 {
                    self.taken.push(visit.clone());
                    tally.taken += 1;
                }
            }
            let begins = county.server.now() + TimeDelta::hours(hours);
            let wrong = self.random.random_bool(0.06);
            let mut acts = county.acts(wrong);
            if self.random.random_bool(ALARMS) {
                // Numbered like the others, anywhere among them.
                let place = self.random.random_range(0..acts.len());
                acts.insert(place, ("sos", acts[place].1, json!({ "place": here() })));
                self.pressed.insert(visit.clone());
                tally.alarms += 1;
            }
            for (kind, minute, body) in acts {
                self.phone
                    .did(&visit, kind, begins + TimeDelta::minutes(minute), body);
            }
            let on_the_way = begins + TimeDelta::minutes(10);
            let places = json!({ "positions": [{ "at": on_the_way, "place": here() }] });
            self.phone
                .did_aside(&visit, "positions", on_the_way, places);
            self.visits.push((visit, order));
        }
    }

    /// She has signal for a moment.
    pub(super) async fn speak(&mut self, server: &TestServer, tally: &mut Tally) {
        let now = server.now();
        // What she has not done yet cannot be told.
        let done = self.phone.batch(now).map(|mut batch| {
            let due = |act: &Value| {
                let id = act["id"].as_str();
                let mut kept = self.phone.kept().iter();
                kept.any(|one| one.at <= now && Some(one.id.to_string().as_str()) == id)
            };
            if let Some(actions) = batch["actions"].as_array_mut() {
                actions.retain(due);
            }
            batch
        });
        let done = done.filter(|batch| {
            batch["actions"]
                .as_array()
                .is_some_and(|acts| !acts.is_empty())
        });
        let Some(batch) = done else { return };
        let client = self.nurse.person.client.unchecked();
        let sent = std::cell::Cell::new(0);
        let deliver = async |piece| {
            sent.set(sent.get() + 1);
            let reply = client.put_batch(piece).await;
            (reply.0 == 200).then_some(reply.1)
        };
        for (sent, answer) in self.channel.send(now, batch, deliver).await {
            self.phone.hear(sent, &answer);
        }
        tally.requests += sent.get();
        self.put_right(now, tally);
    }

    /// The coordinator settles one of the acts that wait in the work list, whichever; she hears of it.
    pub(super) async fn settle_one(&mut self, county: &County, dice: &mut ChaCha8Rng) -> bool {
        let waits = |one: &&Kept| {
            matches!(one.heard, Heard::Refused(_) | Heard::Held)
                && !one.replaced
                && !self.settled.contains(&one.id.to_string())
        };
        let waiting: Vec<_> = self.phone.kept().iter().filter(waits).collect();
        let Some(one) = waiting.choose(dice) else {
            return false;
        };
        let (id, visit) = (one.id.to_string(), one.visit.clone());
        let path = format!("/v1/work-items/{id}/settle");
        let note = json!({ "note": "已电话核实" });
        let client = county.scene.coordinator.client.unchecked();
        // What took effect meanwhile, though she has not heard of it, is no work any more.
        if client.post(&path, note).await.status != 200 {
            return false;
        }
        self.settled.insert(id);
        self.phone.go_on(&visit, county.server.now());
        true
    }

    /// Half of the wrong records are noticed and written anew.
    fn put_right(&mut self, now: DateTime<Utc>, tally: &mut Tally) {
        let wrong = |one: &&Kept| {
            one.kind == "record"
                && !one.replaced
                && one.heard == Heard::Refused("invalid_request".to_owned())
        };
        let wrong: Vec<_> = self
            .phone
            .kept()
            .iter()
            .filter(wrong)
            .map(|one| one.id)
            .collect();
        for id in wrong {
            if self.random.random_bool(0.5) {
                self.phone.put_right(id, record(false), now);
                tally.put_right += 1;
            }
        }
    }
}

/// One request of the protocol, without the checks of the spec, which other tests make.
pub(super) trait PutBatch {
    async fn put_batch(&self, batch: Value) -> (u16, Value);
}

impl PutBatch for Client {
    async fn put_batch(&self, batch: Value) -> (u16, Value) {
        let reply = self.post("/v1/sync/batch", batch).await;
        (reply.status.as_u16(), reply.body)
    }
}
