//! `kill -9` under load: what was acknowledged is there, once, and what was not can be sent again.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use jiahu_tests::harness::{Backend, Client, Program, Serving, activate_at, fresh_key};
use reqwest::Method;
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, Statement};
use serde_json::{Value, json};
use tokio::sync::Notify;
use tokio::task::JoinSet;

use super::on_both_installed;

/// Times that the server is killed.
const KILLS: usize = 5;
/// Acknowledged orders before each of them.
const ENOUGH: usize = 15;
/// Requests under way at any moment; each books for a patient of its own.
const AT_ONCE: usize = 8;
/// Nothing limits the load, and nobody reads the log, which must not fill its pipe.
const FLAGS: [&str; 4] = ["--limits-requests-per-min", "0", "--log-filter", "off"];

/// A request to book, and what became of it.
struct Booking {
    key: String,
    body: Value,
    /// The order that was acknowledged.
    order: Option<Value>,
    /// It was sent while the server lived and never answered.
    cut_off: bool,
}

/// What the requests of one life of the server share.
struct Life {
    desk: Client,
    acknowledged: AtomicUsize,
    enough: Notify,
    killed: AtomicBool,
}

/// The patients of the load with their addresses, and how often each was booked for.
struct Patients(Vec<(Value, Value, i32)>);

on_both_installed! {
    async fn no_acknowledged_order_is_lost_and_none_is_doubled(program: Program) {
        program.install().await;
        let mut serving = program.serve(&FLAGS).await;
        let token = coordinator(program, &serving).await;
        let mut patients = Patients::register(&Client::new(serving.url.clone(), Some(token.clone()))).await;
        let (mut bookings, mut cut_off) = (Vec::new(), 0);
        for _ in 0..KILLS {
            let desk = Client::new(serving.url.clone(), Some(token.clone()));
            let load = book_until_killed(desk, serving, &mut patients).await;
            assert!(load.iter().filter(|one| one.order.is_some()).count() >= ENOUGH);
            cut_off += load.iter().filter(|one| one.cut_off).count();
            serving = program.serve(&FLAGS).await;
            let desk = Client::new(serving.url.clone(), Some(token.clone()));
            bookings.extend(settled(&desk, load).await);
            all_are_there(&desk, &bookings).await;
        }
        assert!(cut_off > 0, "every kill came between two requests: nothing was tested");
        assert_eq!(serving.stop().await.status, Some(0));
        let verified = program.run(&["audit", "verify"]).await.expect(0);
        assert!(verified.contains("every chain holds"), "{verified}");
    }
}

/// Lets a commit wait for a lock that the test holds.
const HOLD: &str = "
    CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN PERFORM pg_advisory_xact_lock(7); RETURN NULL; END $$;
    CREATE CONSTRAINT TRIGGER hold AFTER INSERT ON care_order
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION hold();
    SELECT pg_advisory_lock(7);";

// SQLite cannot be held between the last statement and the end of its commit.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_is_not_acknowledged_before_its_commit() {
    let program = Program::new(Backend::Postgres).await;
    program.install().await;
    let serving = program.serve(&FLAGS).await;
    let token = coordinator(&program, &serving).await;
    let desk = Client::new(serving.url.clone(), Some(token.clone()));
    let mut patients = Patients::register(&desk).await;
    let booking = next(&mut patients.0[0]);
    // One connection: a lock belongs to the one that took it.
    let mut options = ConnectOptions::new(program.database_url());
    options.max_connections(1);
    let held = Database::connect(options).await.expect("a database");
    held.execute_unprepared(HOLD).await.expect("held");
    let posting = tokio::spawn(async move {
        let answer = post(&desk, &booking).await;
        (booking, answer)
    });
    a_commit_waits(&held).await;
    // Whoever answers too early has had the time for it.
    for _ in 0..5 {
        let nobody = Client::new(serving.url.clone(), None);
        nobody.get("/readyz").await.expect(200);
    }
    assert!(!posting.is_finished(), "answered before the commit");
    serving.kill().await;
    let (booking, answer) = posting.await.expect("it ends");
    assert_eq!(answer, None);
    held.execute_unprepared("SELECT pg_advisory_unlock(7)")
        .await
        .expect("let go");
    held.close().await.expect("closed");
    let serving = program.serve(&FLAGS).await;
    let desk = Client::new(serving.url.clone(), Some(token));
    all_are_there(&desk, &settled(&desk, vec![booking]).await).await;
    assert_eq!(serving.stop().await.status, Some(0));
    program.run(&["audit", "verify"]).await.expect(0);
    program.remove().await;
}

/// Waits until a transaction waits for the lock.
async fn a_commit_waits(db: &DatabaseConnection) {
    let waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    let asked = async {
        let mut tick = tokio::time::interval(Duration::from_millis(20));
        loop {
            tick.tick().await;
            let waiting = Statement::from_string(db.get_database_backend(), waiting);
            let row = db
                .query_one_raw(waiting)
                .await
                .expect("the database answers");
            if row
                .expect("a row")
                .try_get_by_index::<i64>(0)
                .expect("a number")
                > 0
            {
                return;
            }
        }
    };
    let asked = tokio::time::timeout(Duration::from_mins(1), asked);
    asked.await.expect("a commit comes to its end");
}

/// Now, by the clock of the program.
fn now() -> DateTime<Utc> {
    jiahu::clock::Clock::system().now()
}

/// Approves the hospital for nursing at home, and gives the token of a coordinator.
async fn coordinator(program: &Program, serving: &Serving) -> String {
    let printed = ["admin", "create", "--community", "130431"];
    let who = ["--name", "王小明", "--phone", "13900000001"];
    let printed = program.run(&[printed, who].concat()).await.expect(0);
    let mut links = printed
        .lines()
        .filter(|line| line.contains("/#/invite/"))
        .map(str::trim);
    let nobody = Client::new(serving.url.clone(), None);
    let admin = activated(&nobody, links.next().expect("a link")).await;
    let hospitals = admin.get("/v1/institutions").await.expect(200);
    let hospital = hospitals["items"][0]["id"].as_str().expect("an id");
    let mut staff = Vec::new();
    for (role, phone) in [
        ("supervisor", "13900000002"),
        ("coordinator", "13900000003"),
    ] {
        let roles = json!([{"role": role, "institution_id": hospital}]);
        let invited = json!({"name": "李芳", "phone": phone, "roles": roles});
        let invited = admin.post("/v1/accounts", invited).await.expect(201);
        staff.push(activated(&nobody, invited["invite_url"].as_str().expect("a link")).await);
    }
    let path = format!("/v1/institutions/{hospital}");
    let etag = staff[0].get(&path).await.etag();
    let approved = json!({"home_care_approved": true});
    staff[0].patch(&path, &etag, approved).await.expect(200);
    staff[1].token().expect("logged in").to_owned()
}

async fn activated(nobody: &Client, link: &str) -> Client {
    let (_, tokens) = activate_at(nobody, now(), link, "梧桐-correct-horse").await;
    nobody.with_token(tokens["access_token"].as_str().expect("a token"))
}

impl Patients {
    async fn register(desk: &Client) -> Self {
        let mut patients = Vec::new();
        for number in 0..AT_ONCE {
            let patient = json!({
                "name": "王秀英", "id_kind": "passport", "id_number": format!("E1000000{number}"),
                "birth_date": "1948-05-20", "sex": "female", "consent": "verbal",
            });
            let patient = desk.post("/v1/patients", patient).await.expect(201);
            let place = json!({"lng": 114.8865, "lat": 36.9212, "crs": "wgs84", "accuracy_m": 20});
            let address = json!({"text": "鸡泽镇东街村12号", "place": place});
            let path = format!(
                "/v1/patients/{}/addresses",
                patient["id"].as_str().expect("an id")
            );
            let address = desk.post(&path, address).await.expect(201);
            consent(desk, &patient["id"]).await;
            patients.push((patient["id"].clone(), address["id"].clone(), 0));
        }
        Self(patients)
    }
}

/// Takes down what the patient consents to before anything is booked.
async fn consent(desk: &Client, patient: &Value) {
    let path = format!("/v1/patients/{}/consents", patient.as_str().expect("an id"));
    for text in ["health_data", "location"] {
        let signer = json!({ "name": "王秀英", "of_age": true });
        let given = json!({ "text": text, "version": 1, "signer": signer });
        desk.post(&path, given).await.expect(201);
    }
}

/// The next booking for a patient, in a window that no other one touches.
fn next((patient, address, number): &mut (Value, Value, i32)) -> Booking {
    let start = now() + TimeDelta::days(1) + TimeDelta::hours(3) * *number;
    *number += 1;
    let body = json!({
        "patient_id": patient, "address_id": address, "items": ["EDU"],
        "window": {"start": start, "end": start + TimeDelta::hours(2)},
        "answers": {
            "GEN_EMERGENCY": false, "GEN_AGITATED": false, "GEN_INFECTIOUS": false,
            "GEN_FAMILY": true, "GEN_SUPPLIES": "nurse", "GEN_TRUE": true,
        },
    });
    Booking {
        key: fresh_key(),
        body,
        order: None,
        cut_off: false,
    }
}

/// Books as fast as the server answers, and kills it in the middle of that.
async fn book_until_killed(
    desk: Client,
    serving: Serving,
    patients: &mut Patients,
) -> Vec<Booking> {
    let life = Arc::new(Life {
        desk,
        acknowledged: AtomicUsize::new(0),
        enough: Notify::new(),
        killed: AtomicBool::new(false),
    });
    let mut tasks = JoinSet::new();
    for patient in std::mem::take(&mut patients.0) {
        tasks.spawn(book(life.clone(), patient));
    }
    tokio::select! {
        biased;
        () = life.enough.notified() => {}
        ended = tasks.join_next() => {
            let ended = ended.expect("somebody books").map(|(bookings, _)| bookings.len());
            panic!("the server was gone before it was killed: {ended:?}");
        }
    }
    life.killed.store(true, Ordering::SeqCst);
    serving.kill().await;
    let mut load = Vec::new();
    for (bookings, patient) in tasks.join_all().await {
        load.extend(bookings);
        patients.0.push(patient);
    }
    load
}

/// Books for one patient until the server is gone.
async fn book(
    life: Arc<Life>,
    mut patient: (Value, Value, i32),
) -> (Vec<Booking>, (Value, Value, i32)) {
    let mut bookings = Vec::new();
    loop {
        let mut booking = next(&mut patient);
        let lives = !life.killed.load(Ordering::SeqCst);
        let answer = post(&life.desk, &booking).await;
        let gone = answer.is_none();
        booking.cut_off = lives && gone;
        match answer {
            Some((201, order)) => {
                booking.order = Some(order);
                if life.acknowledged.fetch_add(1, Ordering::SeqCst) + 1 == ENOUGH {
                    life.enough.notify_one();
                }
            }
            // Too busy, and nothing was changed: it is sent again with the unanswered ones.
            Some((503, _)) | None => {}
            Some((status, body)) => panic!("{status} {body:#}"),
        }
        bookings.push(booking);
        if gone {
            return (bookings, patient);
        }
    }
}

/// What the server answers; nothing when it dies before that.
async fn post(desk: &Client, booking: &Booking) -> Option<(u16, Value)> {
    let request = desk.request(Method::POST, "/v1/orders");
    let request = request
        .header("idempotency-key", &booking.key)
        .json(&booking.body);
    let answer = request.send().await.ok()?;
    let status = answer.status().as_u16();
    Some((status, answer.json().await.ok()?))
}

/// Sends every request again: one that was acknowledged gets its order, another one gets an order of its own.
async fn settled(desk: &Client, load: Vec<Booking>) -> Vec<Booking> {
    let mut settled = Vec::new();
    for mut booking in load {
        if let Some(order) = &booking.order {
            let path = format!("/v1/orders/{}", order["id"].as_str().expect("an id"));
            let read = desk.get(&path).await.expect(200);
            assert_eq!(read["number"], order["number"], "{order:#}");
        }
        let again = || desk.post_with_key("/v1/orders", booking.body.clone(), &booking.key);
        let first = again().await.expect(201);
        assert_eq!(again().await.expect(201), first, "one key, one order");
        if let Some(order) = &booking.order {
            assert_eq!(&first, order, "the answer that was acknowledged");
        }
        booking.order = Some(first);
        settled.push(booking);
    }
    settled
}

/// The orders of the community are those of the bookings, each of them once.
async fn all_are_there(desk: &Client, bookings: &[Booking]) {
    let (mut listed, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = desk
            .get(&format!("/v1/orders?limit=100{cursor}"))
            .await
            .expect(200);
        let items = page["items"].as_array().expect("a list");
        listed.extend(items.iter().map(|order| order["id"].to_string()));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    let orders = bookings.iter().filter_map(|booking| booking.order.as_ref());
    let booked: BTreeSet<_> = orders.map(|order| order["id"].to_string()).collect();
    assert_eq!(booked.len(), bookings.len(), "two requests got one order");
    assert_eq!(listed.len(), bookings.len(), "more orders than requests");
    assert_eq!(listed.into_iter().collect::<BTreeSet<_>>(), booked);
}
