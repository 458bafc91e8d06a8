//! Nurse-days over a channel that loses 30 %, doubles, reorders and delays: nothing is lost, nothing happens twice, and
//! every refusal is seen.
//!
//! A day: each nurse has one or two visits, does them without a word, and has signal now and then. Some clocks are a day
//! off, some records are wrong, some visits are taken away, some accounts are disabled before anything was told.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use entity::enums::{Role, SyncResult};
use entity::ids::{OrderId, VisitId};
use entity::{sync_action, visit};
use futures::StreamExt;
use futures::stream;
use jiahu::dispatch::Acceptance;
use jiahu::store;
use jiahu_tests::harness::{
    Backend, CENTRE, Client, NurseSpec, Person, Scene, SceneNurse, TestServer, consent_body,
    filled_forms, good_answers, new_patient,
};
use jiahu_tests::phone::{Channel, Faults, Heard, Phone};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};

use super::here;

/// What needs neither assessment nor prescription, so that days can follow upon each other.
const ITEM: &str = "EDU";
/// Nurses who play at once.
const CREW: u32 = 40;
/// Hours of a day after which some nurses have signal.
const TICKS: i64 = 8;
/// Further tries after the day, until every phone is quiet.
const MOST_TRIES: u32 = 200;
/// By how much the time of an act may be off: what counts as a right clock, and the delay of a late batch.
const OFF: TimeDelta = TimeDelta::minutes(10);

/// Which event an act leaves on the order.
const EVENTS: &[(&str, &str)] = &[
    ("depart", "visit.departed"),
    ("arrive", "visit.arrived"),
    ("identity", "visit.identity_checked"),
    ("consent", "consent.given"),
    ("screening", "visit.screened"),
    ("start", "visit.started"),
    ("record", "visit.recorded"),
    ("finish", "visit.finished"),
    ("sign", "visit.signed"),
    ("waste", "visit.waste_returned"),
    ("close", "visit.closed"),
];

/// A nurse with her phone.
struct Player {
    nurse: SceneNurse,
    homes: Vec<(entity::ids::PatientId, entity::ids::AddressId)>,
    phone: Phone,
    channel: Channel,
    random: ChaCha8Rng,
    visits: Vec<(String, OrderId)>,
    /// Her clock was set in the middle of the day.
    clock_was_set: bool,
    disabled: bool,
    taken: Vec<String>,
}

/// What is the same for everybody.
struct County {
    server: Arc<TestServer>,
    scene: Scene,
    admin: Person,
    spare: SceneNurse,
    consents: Vec<Value>,
    answers: Value,
}

/// What came of it.
#[derive(Debug, Default)]
struct Tally {
    days: u64,
    acts: u64,
    applied: u64,
    refused: u64,
    held: u64,
    put_right: u64,
    taken: u64,
    disabled: u64,
    requests: u64,
}

impl County {
    async fn build(server: Arc<TestServer>) -> Self {
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

    async fn player(&self, number: u32, seed: u64) -> Player {
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
        let waste = json!({ "bags": 1, "weight_g": 300, "returned_to": self.scene.town.centre, "handed_to": "赵强" });
        acts.extend([
            ("screening", 23, json!({ "answers": self.answers })),
            ("start", 25, json!({})),
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
    async fn morning(&mut self, county: &County, tally: &mut Tally) {
        let minute = TimeDelta::minutes(self.random.random_range(-1..=1));
        self.phone.ahead = match self.random.random_range(0..10) {
            0 => TimeDelta::days(1),
            1 => -TimeDelta::days(1),
            _ => minute,
        };
        self.clock_was_set = false;
        (self.visits, self.taken) = (Vec::new(), Vec::new());
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
            for (kind, minute, body) in county.acts(wrong) {
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
    async fn speak(&mut self, server: &TestServer, tally: &mut Tally) {
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
        for answer in self.channel.send(now, batch, deliver).await {
            self.phone.hear(&answer);
        }
        tally.requests += sent.get();
        self.put_right(tally);
    }

    /// Half of the wrong records are noticed and written anew.
    fn put_right(&mut self, tally: &mut Tally) {
        let wrong = |one: &&jiahu_tests::phone::Kept| {
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
                self.phone.put_right(id, record(false));
                tally.put_right += 1;
            }
        }
    }
}

/// One request of the protocol, without the checks of the spec, which other tests make.
trait PutBatch {
    async fn put_batch(&self, batch: Value) -> (u16, Value);
}

impl PutBatch for Client {
    async fn put_batch(&self, batch: Value) -> (u16, Value) {
        let reply = self.post("/v1/sync/batch", batch).await;
        (reply.status.as_u16(), reply.body)
    }
}

/// Holds what the service keeps of a nurse's day against what she did; gives what has to be seen in the work lists.
async fn check(county: &County, player: &Player, tally: &mut Tally) -> BTreeSet<String> {
    let db = county.server.app.db.reader();
    let community = county.scene.town.community;
    let ids = player
        .visits
        .iter()
        .map(|(visit, _)| visit.parse::<VisitId>().expect("an id"));
    let rows = sync_action::Entity::find()
        .filter(sync_action::Column::CommunityId.eq(community))
        .filter(sync_action::Column::NurseId.eq(player.nurse.id))
        .filter(sync_action::Column::VisitId.is_in(ids))
        .all(db)
        .await
        .expect("the acts");
    let by_id: BTreeMap<String, &sync_action::Model> =
        rows.iter().map(|row| (row.id.to_string(), row)).collect();
    assert_eq!(
        rows.len(),
        player.phone.kept().len(),
        "as many acts are kept as were done"
    );
    let mut open = BTreeSet::new();
    for one in player.phone.kept() {
        let row = by_id.get(&one.id.to_string());
        let row = row.unwrap_or_else(|| panic!("{one:?} is lost"));
        let heard = match (&one.heard, row.result) {
            (Heard::Applied, SyncResult::Applied) | (Heard::Held, SyncResult::Held) => true,
            (Heard::Refused(code), SyncResult::Refused) => row.code.as_ref() == Some(code),
            _ => false,
        };
        assert!(heard, "the phone heard {:?}, kept is {row:?}", one.heard);
        tally.acts += 1;
        match row.result {
            SyncResult::Applied => tally.applied += 1,
            SyncResult::Held => tally.held += 1,
            _ => tally.refused += 1,
        }
        if row.result != SyncResult::Applied && row.settled_at.is_none() {
            open.insert(one.id.to_string());
        } else if row.result != SyncResult::Applied {
            assert!(one.replaced, "{one:?} left the work list by itself");
        }
        if row.result == SyncResult::Applied && !player.clock_was_set {
            let off = (row.at - one.at).abs();
            assert!(off <= OFF, "{one:?} counts as of {}", row.at);
        }
    }
    for (visit, order) in &player.visits {
        let trail = store::event::of_order(db, community, *order)
            .await
            .expect("a trail");
        for (act, kind) in EVENTS {
            let mine = |one: &&jiahu_tests::phone::Kept| one.visit == *visit && one.kind == *act;
            let applied = player.phone.kept().iter().filter(mine);
            let applied = applied.filter(|one| one.heard == Heard::Applied).count();
            let happened = trail.iter().filter(|event| event.kind == *kind).count();
            assert_eq!(happened, applied, "{act} of {visit}");
            assert!(
                happened <= county.consents.len().max(1),
                "{act} of {visit} happened twice"
            );
        }
        check_visit(county, player, visit).await;
    }
    open
}

/// A visit that went through is whole; one that was taken away is untouched.
async fn check_visit(county: &County, player: &Player, id: &str) {
    let db = county.server.app.db.reader();
    let community = county.scene.town.community;
    let id: VisitId = id.parse().expect("an id");
    let row = visit::Entity::find_by_id((community, id)).one(db).await;
    let row = row.expect("a visit").expect("a visit");
    let taken = player.taken.contains(&id.to_string());
    assert_eq!(row.released_at.is_some(), taken);
    assert!(!taken || row.departed_at.is_none());
    let mine = player
        .phone
        .kept()
        .iter()
        .filter(|one| one.visit == id.to_string());
    let whole = mine
        .clone()
        .all(|one| one.heard == Heard::Applied || one.replaced);
    assert_eq!(
        row.closed_at.is_some(),
        whole,
        "{:?}",
        mine.collect::<Vec<_>>()
    );
}

/// What a work list shows, all of its pages.
async fn work_list(client: &Client) -> BTreeSet<String> {
    let (client, mut found, mut cursor) = (client.unchecked(), BTreeSet::new(), String::new());
    loop {
        let path = format!("/v1/work-items?limit=100{cursor}");
        let page = client.get(&path).await.expect(200);
        let items = page["items"].as_array().expect("a list");
        found.extend(
            items
                .iter()
                .filter_map(|item| item["id"].as_str().map(str::to_owned)),
        );
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return found,
        }
    }
}

/// Plays so many nurse-days, and fails when anything is lost, doubled or hidden.
async fn play(server: Arc<TestServer>, days: u64, seed: u64) {
    let county = County::build(server.clone()).await;
    let mut players = Vec::new();
    let crew = u32::try_from(days).unwrap_or(CREW).min(CREW);
    for number in 2..2 + crew {
        players.push(county.player(number, seed).await);
    }
    let (mut tally, mut open) = (Tally::default(), BTreeSet::new());
    let (mut next, mut dice) = (2 + crew, ChaCha8Rng::seed_from_u64(seed));
    let dawn = server.now();
    for day in 0.. {
        if tally.days >= days {
            break;
        }
        server.app.clock.set(dawn + TimeDelta::days(day));
        let begun: DateTime<Utc> = server.now();
        for player in &mut players {
            player.morning(&county, &mut tally).await;
        }
        for tick in 1..=TICKS {
            server.app.clock.set(begun + TimeDelta::hours(tick));
            for player in &mut players {
                someone_meddles(&county, player, &mut dice, &mut tally).await;
            }
            side_by_side(&server, &mut players, 0.4, &mut tally).await;
        }
        let mut tries = 0;
        while players.iter().any(|player| !player.phone.is_quiet()) {
            tries += 1;
            if tries > MOST_TRIES {
                restless(&server, &players, day).await;
            }
            server.app.clock.advance(TimeDelta::seconds(20));
            side_by_side(&server, &mut players, 1.0, &mut tally).await;
        }
        for player in &mut players {
            let left = check(&county, player, &mut tally).await;
            if !player.disabled && !left.is_empty() {
                let shown = work_list(&player.nurse.person.client).await;
                assert!(left.is_subset(&shown), "she does not see what was refused");
            }
            open.extend(left);
            player.phone.forget();
            tally.days += 1;
        }
        let gone = players.iter().filter(|player| player.disabled).count();
        players.retain(|player| !player.disabled);
        for _ in 0..gone {
            players.push(county.player(next, seed).await);
            next += 1;
        }
    }
    assert_eq!(
        work_list(&county.scene.coordinator.client).await,
        open,
        "what the coordinator sees"
    );
    assert!(
        tally.applied > 0 && tally.refused > 0 && tally.held > 0,
        "{tally:?}"
    );
    println!("{tally:?}");
}

/// Fails with what a phone still has to tell and what it hears when nothing is lost on the way.
async fn restless(server: &TestServer, players: &[Player], day: i64) -> ! {
    let player = players.iter().find(|player| !player.phone.is_quiet());
    let player = player.expect("a phone that is not quiet");
    let batch = player.phone.batch(server.now()).expect("something to tell");
    let heard = player.nurse.person.client.unchecked();
    let heard = heard.put_batch(batch.clone()).await;
    panic!("day {day}: a phone does not come to rest; it tells {batch} and hears {heard:?}");
}

/// Some clocks are set, some accounts disabled, before anything was told or in the middle.
async fn someone_meddles(
    county: &County,
    player: &mut Player,
    dice: &mut ChaCha8Rng,
    tally: &mut Tally,
) {
    if dice.random_bool(0.01) {
        player.clock_was_set = true;
        player.phone.ahead = TimeDelta::zero();
    }
    if !player.disabled && dice.random_bool(0.002) {
        let path = format!("/v1/accounts/{}/disable", player.nurse.person.account);
        county
            .admin
            .client
            .unchecked()
            .post(&path, json!({}))
            .await
            .expect(200);
        player.disabled = true;
        tally.disabled += 1;
    }
}

/// Those who have signal speak, several at once.
async fn side_by_side(server: &TestServer, players: &mut [Player], share: f64, tally: &mut Tally) {
    let tallies: Vec<Tally> = stream::iter(players)
        .map(async |player| {
            let mut tally = Tally::default();
            if player.random.random_bool(share) {
                player.speak(server, &mut tally).await;
            }
            tally
        })
        .buffer_unordered(8)
        .collect()
        .await;
    for one in tallies {
        tally.requests += one.requests;
        tally.put_right += one.put_right;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn some_nurse_days_on_sqlite() {
    TestServer::with(Backend::Sqlite, |server| play(server, 60, 1)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn some_nurse_days_on_postgres() {
    TestServer::with(Backend::Postgres, |server| play(server, 60, 1)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes long: make faults"]
async fn ten_thousand_nurse_days_on_sqlite() {
    TestServer::with(Backend::Sqlite, |server| play(server, 10_000, 2)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes long: make faults"]
async fn ten_thousand_nurse_days_on_postgres() {
    TestServer::with(Backend::Postgres, |server| play(server, 10_000, 2)).await;
}
