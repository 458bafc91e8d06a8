//! Patients, who acts for them, where they live, what is known of their health.

mod addresses;
mod apart;
mod carers;
mod change;
mod consents;
mod health;
mod read;
mod register;
mod scope;
mod sealed;
mod visit;

use entity::enums::Role;
use jiahu_tests::harness::{Client, Person, Reply, TestServer, Town};
use sea_orm::EntityTrait;
use serde_json::{Value, json};

/// Phone of the family.
const FAMILY: &str = "13800000001";
/// Phone of another family of the same town.
const OTHER_FAMILY: &str = "13800000002";
/// Name of the patients.
const NAME: &str = "李秀英";
/// Phone of the patients.
const PHONE: &str = "13900001111";
/// Birth date of the patients.
const BORN: &str = "1949-12-31";
/// Where the patients live.
const STREET: &str = "浮图店镇东街村六十一号";

/// A town, another community, and people of each kind.
struct World {
    town: Town,
    family: Person,
    other_family: Person,
    /// Of the health centre.
    coordinator: Person,
    /// Of the other health centre.
    other_coordinator: Person,
    /// Of the lead hospital.
    lead: Person,
    /// Of the health centre.
    doctor: Person,
    /// Of the lead hospital.
    supervisor: Person,
    /// A family of another community.
    stranger: Person,
    /// A coordinator of the lead hospital of another community.
    strange_coordinator: Person,
}

impl World {
    async fn build(server: &TestServer) -> Self {
        let town = Town::build(server, "130431").await;
        let elsewhere = Town::build(server, "999999").await;
        let staff = async |phone, role, institution| {
            town.person(server, phone, role, Some(institution)).await
        };
        Self {
            family: town.person(server, FAMILY, Role::Family, None).await,
            other_family: town.person(server, OTHER_FAMILY, Role::Family, None).await,
            coordinator: staff("13800000003", Role::Coordinator, town.centre).await,
            other_coordinator: staff("13800000004", Role::Coordinator, town.other_centre).await,
            lead: staff("13800000005", Role::Coordinator, town.hospital).await,
            doctor: staff("13800000006", Role::Doctor, town.centre).await,
            supervisor: staff("13800000007", Role::Supervisor, town.hospital).await,
            stranger: elsewhere.person(server, FAMILY, Role::Family, None).await,
            strange_coordinator: elsewhere
                .person(
                    server,
                    "13800000003",
                    Role::Coordinator,
                    Some(elsewhere.hospital),
                )
                .await,
            town,
        }
    }

    /// A patient of the family at the health centre; its address under `/v1`.
    async fn patient(&self) -> String {
        register(&self.family.client, self.at_centre(1)).await
    }

    /// Patient number `n` at the health centre, as the family sends it.
    fn at_centre(&self, n: u32) -> Value {
        let mut body = person(n);
        body["institution_id"] = json!(self.town.centre);
        body
    }
}

/// Patient number `n`, a woman, as her family sends it.
fn person(n: u32) -> Value {
    json!({
        "name": NAME,
        "id_kind": "resident_id",
        "id_number": citizen("19491231", 2 * n),
        "birth_date": BORN,
        "sex": "female",
        "phone": PHONE,
        "relation": "child",
        "consent": "verbal",
    })
}

/// The same with some fields changed; null removes one.
fn with(mut body: Value, changes: Value) -> Value {
    let fields = body.as_object_mut().expect("an object");
    let Value::Object(changes) = changes else {
        panic!("changes are an object")
    };
    for (name, value) in changes {
        if value.is_null() {
            fields.remove(&name);
        } else {
            fields.insert(name, value);
        }
    }
    body
}

/// A child of nine, as a parent sends it.
fn child() -> Value {
    with(
        person(0),
        json!({
            "id_number": citizen("20170105", 4), "birth_date": "2017-01-05",
            "relation": "parent", "consent": "guardianship",
        }),
    )
}

/// An id number of an unassigned region; an even sequence is a woman's.
pub(crate) fn citizen(born: &str, sequence: u32) -> String {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let digits = format!("139999{born}{sequence:03}");
    let sum: u32 = digits
        .chars()
        .zip(WEIGHTS)
        .map(|(digit, weight)| digit.to_digit(10).expect("a digit") * weight)
        .sum();
    let check = b"10X98765432"[(sum % 11) as usize];
    format!("{digits}{}", char::from(check))
}

/// Registers a patient; its address under `/v1`.
async fn register(client: &Client, body: Value) -> String {
    let patient = client.post("/v1/patients", body).await.expect(201);
    format!("/v1/patients/{}", text(&patient, "id"))
}

/// A text of an answer.
fn text<'a>(body: &'a Value, field: &str) -> &'a str {
    body[field].as_str().expect("a text")
}

/// The code of the only field problem, with its path.
fn field(body: &Value) -> (&str, &str) {
    let errors = body["errors"].as_array().expect("field problems");
    assert_eq!(errors.len(), 1, "{body:#}");
    (text(&errors[0], "field"), text(&errors[0], "code"))
}

/// Every row that these operations could change, as text.
async fn dump(server: &TestServer) -> String {
    let db = server.app.db.reader();
    macro_rules! rows {
        ($($table:ident),+) => {
            [$(format!("{:#?}", entity::$table::Entity::find().all(db).await.expect("rows"))),+].concat()
        };
    }
    rows!(
        patient,
        carer,
        address,
        health_fact,
        nurse_refusal,
        patient_read,
        event,
        idempotency,
        account,
        message,
        job
    )
}

/// Sends what must be refused, and sees that nothing changed.
async fn refused(
    server: &TestServer,
    call: impl Future<Output = Reply>,
    status: u16,
    code: &str,
) -> Value {
    let before = dump(server).await;
    let body = call.await.problem(status, code);
    let after = dump(server).await;
    assert!(before == after, "{code} changed something");
    body
}

/// Operations recorded as reads of unmasked data, oldest first.
async fn reads(server: &TestServer) -> Vec<String> {
    let rows = entity::patient_read::Entity::find()
        .all(server.app.db.reader())
        .await
        .expect("rows");
    let mut rows: Vec<_> = rows
        .into_iter()
        .map(|row| (row.id, row.operation))
        .collect();
    rows.sort();
    rows.into_iter().map(|(_, operation)| operation).collect()
}

/// Kinds of events, oldest first.
async fn events(server: &TestServer) -> Vec<String> {
    let mut rows = entity::event::Entity::find()
        .all(server.app.db.reader())
        .await
        .expect("rows");
    rows.sort_by_key(|row| row.seq);
    rows.into_iter()
        .map(|row| row.kind)
        .filter(|kind| !kind.starts_with("rules."))
        .collect()
}
