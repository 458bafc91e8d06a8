//! How discharges come in: typed by a ward, as a list, told by the hospital's system with a signature, as FHIR.

use std::collections::BTreeMap;
use std::fmt::Write;

use aws_lc_rs::hmac;
use chrono::{NaiveDate, TimeDelta};
use jiahu::crypto::hex;
use jiahu::domain::calendar::{day_start, local_date};
use serde_json::{Value, json};

use super::people::{After, Habit, Stay, Way};
use super::{Act, Year, text};
use crate::play::Call;

/// Groups whose people get exercises.
const EXERCISES: &[&str] = &["I50", "I63", "J44", "M17"];

/// When each discharge is told, what is put right later, and when people begin to exercise.
pub(super) fn plan(year: &mut Year<'_>, first: NaiveDate) {
    for person in &mut year.people {
        person.move_days(first);
    }
    let (mut lists, mut bundles) = (BTreeMap::new(), BTreeMap::new());
    let stays: Vec<_> = year.stays.iter().cloned().enumerate().collect();
    for (index, stay) in stays {
        let day = day_start(first + TimeDelta::days(stay.day));
        let at = day + TimeDelta::minutes(stay.minute);
        match stay.way {
            Way::Ward => year.at(at, Act::Ward(index)),
            Way::Feed => year.at(at, Act::Feed(index, "discharge")),
            Way::List => lists.entry(day).or_insert_with(Vec::new).push(index),
            Way::Fhir => bundles.entry(day).or_insert_with(Vec::new).push(index),
        }
        match stay.after {
            Some(After::Corrected) => {
                year.at(at + TimeDelta::hours(20), Act::Feed(index, "correction"));
            }
            Some(After::Cancelled) => {
                year.at(at + TimeDelta::hours(26), Act::Feed(index, "cancellation"));
            }
            Some(After::ToldBySystem) => {
                year.at(at + TimeDelta::hours(5), Act::Feed(index, "discharge"));
            }
            None => {}
        }
        if let Some(days) = stay.heals {
            year.at(
                day + TimeDelta::days(days) + TimeDelta::hours(15),
                Act::Heal(index),
            );
        }
        if let Some(days) = stay.registered {
            let at = day + TimeDelta::days(days) + TimeDelta::hours(15);
            year.at(at, Act::Register(index));
        }
        let exercises = |code: &&str| EXERCISES.iter().any(|group| code.starts_with(group));
        let family = year.people[stay.person].family.is_some();
        if family && stay.diagnoses.first().is_some_and(exercises) {
            let begins = day + TimeDelta::days(2) + TimeDelta::hours(10);
            year.at(begins, Act::BeginRehab(stay.person));
        }
    }
    // Read by the morning after; sent in the night.
    for (day, stays) in lists {
        year.at(
            day + TimeDelta::minutes(24 * 60 + 9 * 60 + 20),
            Act::List(stays),
        );
    }
    for (day, stays) in bundles {
        year.at(day + TimeDelta::minutes(22 * 60 + 40), Act::Bundle(stays));
    }
}

impl Year<'_> {
    /// First and last day of a stay: the day on which it is told, the one before for a list.
    fn days(&self, stay: &Stay) -> (NaiveDate, NaiveDate) {
        let told = local_date(self.now);
        let to = match stay.way {
            Way::List => told - TimeDelta::days(1),
            _ => told,
        };
        (to - TimeDelta::days(stay.length), to)
    }

    fn person_of(&self, stay: &Stay) -> Value {
        let human = &self.people[stay.person];
        let sex = if human.female { "female" } else { "male" };
        let kind = match human.id_number {
            Some(_) => "resident_id",
            None => "newborn_none",
        };
        json!({
            "name": human.name, "id_kind": kind, "id_number": human.id_number,
            "birth_date": human.birth, "sex": sex, "phone": human.phone,
        })
    }

    /// What the server said of a stay: the discharge, and whose it is.
    async fn taken(&mut self, index: usize, discharge: &str) -> Option<()> {
        let token = self.token(self.desk).await?;
        let path = format!("/v1/discharges/{discharge}");
        let shown = self
            .api
            .send(Call::get("get discharge", path, &token))
            .await;
        let shown = shown.good()?;
        self.keep(index, discharge, text(&shown, "patient_id"));
        Some(())
    }

    fn keep(&mut self, index: usize, discharge: &str, patient: &str) {
        let now = self.now;
        let stay = &mut self.stays[index];
        stay.discharge = Some(discharge.to_owned());
        let human = &mut self.people[stay.person];
        human.patient = Some(patient.to_owned());
        if !human.is_dead(now) {
            human.quiet_since = None;
        }
        self.by_patient.insert(patient.to_owned(), stay.person);
    }

    /// A ward types it.
    pub(super) async fn type_discharge(&mut self, index: usize) -> Option<()> {
        let stay = self.stays[index].clone();
        let days = self.days(&stay);
        let mut body = json!({
            "institution_id": self.hospital,
            "stay": stay_of(&stay, days),
        });
        let human = &self.people[stay.person];
        match &human.patient {
            Some(patient) if human.family.is_some() => body["patient_id"] = json!(patient),
            _ => body["person"] = self.person_of(&stay),
        }
        let token = self.token(self.desk).await?;
        let call = Call::post("type discharge", "/v1/discharges", &token, body);
        let made = self.api.send(call).await.good()?;
        self.keep(index, text(&made, "id"), text(&made, "patient_id"));
        Some(())
    }

    /// The list of a day.
    pub(super) async fn import(&mut self, stays: &[usize]) -> Option<()> {
        let mut list =
            "姓名,身份证号,电话,入院日期,出院日期,诊断编码,随访情况,计划再入院\n".to_owned();
        for index in stays {
            let stay = &self.stays[*index];
            let human = &self.people[stay.person];
            let (from, to) = self.days(stay);
            let again = if stay.planned_again { "是" } else { "否" };
            let (number, phone) = (human.id_number.as_deref(), human.phone.as_deref());
            let _ = writeln!(
                list,
                "{},{},{},{from},{to},{},{},{again}",
                human.name,
                number.unwrap_or_default(),
                phone.unwrap_or_default(),
                stay.diagnoses.join(";"),
                stay.conditions.join(";"),
            );
        }
        let token = self.token(self.desk).await?;
        let path = format!("/v1/discharges/import?institution_id={}", self.hospital);
        let call = Call {
            token: Some(&token),
            ..Call::text("import list", path, "text/csv; charset=utf-8", list)
        };
        let report = self.api.send(call).await.good()?;
        for (row, index) in report["rows"].as_array()?.iter().zip(stays) {
            self.taken(*index, text(row, "discharge_id")).await;
        }
        Some(())
    }

    /// The hospital's system tells.
    pub(super) async fn tell(&mut self, index: usize, event: &'static str) -> Option<()> {
        let mut stay = self.stays[index].clone();
        let mut message = json!({ "event": event, "id": format!("HIS-{index}"), "at": self.now });
        if event != "cancellation" {
            let first = self.days(&stay);
            let told = local_date(self.now);
            let (mut from, mut to) = first;
            if event == "correction" {
                // The next day: a wound that was forgotten.
                let gone = (told - self.first_day(&stay)).num_days();
                (from, to) = (from - TimeDelta::days(gone), to - TimeDelta::days(gone));
                if !stay.conditions.contains(&"wound") {
                    stay.conditions.push("wound");
                    let heals = self.now + TimeDelta::days(28);
                    self.at(heals, Act::Heal(index));
                }
            } else if stay.way == Way::Ward {
                let gone = (told - self.first_day(&stay)).num_days();
                (from, to) = (from - TimeDelta::days(gone), to - TimeDelta::days(gone));
            }
            message["person"] = self.person_of(&stay);
            message["stay"] = stay_of(&stay, (from, to));
        }
        let (body, stamp) = (message.to_string(), self.now.timestamp().to_string());
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.feed.1.as_bytes());
        let signature = hex(hmac::sign(&key, format!("{stamp}.{body}").as_bytes()).as_ref());
        let call = Call {
            headers: vec![
                ("x-jiahu-feed", self.feed.0.clone()),
                ("x-jiahu-timestamp", stamp),
                ("x-jiahu-signature", signature),
            ],
            ..Call::text(
                "tell discharge",
                "/v1/feeds/discharges",
                "application/json",
                body,
            )
        };
        let taken = self.api.send(call).await.good()?;
        let discharge = text(&taken, "discharge_id").to_owned();
        self.taken(index, &discharge).await
    }

    /// The day on which a stay was first told.
    fn first_day(&self, stay: &Stay) -> NaiveDate {
        local_date(self.first) + TimeDelta::days(stay.day)
    }

    /// The stays of a day as one bundle.
    pub(super) async fn send_bundle(&mut self, stays: &[usize]) -> Option<()> {
        let mut entries = Vec::new();
        for index in stays {
            let stay = &self.stays[*index];
            entries.extend(self.entries(*index, stay));
        }
        let bundle = json!({ "resourceType": "Bundle", "type": "transaction", "entry": entries });
        let secret = self.feed.1.clone();
        let call = Call {
            token: Some(&secret),
            ..Call::text(
                "send bundle",
                "/fhir/R4",
                "application/fhir+json",
                bundle.to_string(),
            )
        };
        let answer = self.api.send(call).await.good()?;
        let mut places = stays.iter();
        for entry in answer["entry"].as_array()? {
            let Some(location) = entry["response"]["location"].as_str() else {
                continue;
            };
            let discharge = location.rsplit('/').find(|part| part.len() == 36)?;
            self.taken(*places.next()?, discharge).await;
        }
        Some(())
    }

    fn entries(&self, index: usize, stay: &Stay) -> Vec<Value> {
        let human = &self.people[stay.person];
        let (from, to) = self.days(stay);
        let urn = |kind: u32| format!("urn:uuid:01945d00-0000-7000-8000-{index:08}{kind:04}");
        let entry = |kind: u32, name: &str, resource: Value| json!({ "fullUrl": urn(kind), "request": { "method": "POST", "url": name }, "resource": resource });
        let mut name = human.name.chars();
        let family: String = name.by_ref().take(1).collect();
        let given: String = name.collect();
        let mut patient = json!({
            "resourceType": "Patient",
            "identifier": [{
                "use": "official",
                "type": { "coding": [{ "system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "NI" }] },
                "value": human.id_number,
            }],
            "name": [{ "use": "official", "family": family, "given": [given] }],
            "gender": if human.female { "female" } else { "male" }, "birthDate": human.birth,
        });
        if let Some(phone) = &human.phone {
            patient["telecom"] = json!([{ "system": "phone", "value": phone, "use": "mobile" }]);
        }
        let mut entries = vec![entry(1, "Patient", patient)];
        let mut diagnoses = Vec::new();
        for (code, rank) in stay.diagnoses.iter().zip(1..) {
            let condition = json!({
                "resourceType": "Condition", "subject": { "reference": urn(1) },
                "code": { "coding": [{ "system": "http://hl7.org/fhir/sid/icd-10", "code": code }] },
            });
            entries.push(entry(10 + rank, "Condition", condition));
            diagnoses.push(json!({ "condition": { "reference": urn(10 + rank) }, "rank": rank }));
        }
        let encounter = json!({
            "resourceType": "Encounter", "status": "finished",
            "class": { "system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "IMP" },
            "identifier": [{ "system": "urn:oid:1.2.4", "value": format!("E{index}") }],
            "subject": { "reference": urn(1) }, "period": { "start": from, "end": to },
            "diagnosis": diagnoses,
        });
        entries.push(entry(2, "Encounter", encounter));
        entries
    }

    /// Somebody enters the tube in the register. A patient may have one there from a stay before.
    pub(super) async fn register_tube(&mut self, index: usize) -> Option<()> {
        let stay = &self.stays[index];
        let patient = self.people[stay.person].patient.clone()?;
        let token = self.token(self.desk).await?;
        let path = format!("/v1/patients/{patient}/devices");
        let body = json!({ "kind": "uc", "material": "silicone", "placed_by": "hospital" });
        let call = Call::post("enter tube", path, &token, body);
        self.api
            .send(call.expecting(&["device_current_exists"]))
            .await;
        Some(())
    }

    /// A wound has healed.
    pub(super) async fn heal(&mut self, index: usize) -> Option<()> {
        let stay = &self.stays[index];
        let patient = self.people[stay.person].patient.clone()?;
        let discharge = stay.discharge.clone()?;
        let token = self.token(self.desk).await?;
        let path = format!("/v1/patients/{patient}/follow-up");
        let shown = self
            .api
            .send(Call::get("get follow-up", &path, &token))
            .await
            .good()?;
        let ends = |plan: &&Value| {
            text(plan, "schedule") == "wound"
                && text(plan, "state") == "active"
                && text(plan, "discharge_id") == discharge
        };
        for plan in shown["plans"].as_array()?.iter().filter(ends) {
            let end = format!("{path}/{}/end", text(plan, "id"));
            self.api
                .send(Call::post("end plan", end, &token, json!({})))
                .await;
        }
        Some(())
    }
}

fn stay_of(stay: &Stay, (from, to): (NaiveDate, NaiveDate)) -> Value {
    json!({
        "ward": "住院部", "admitted_on": from, "discharged_on": to,
        "diagnoses": stay.diagnoses, "conditions": stay.conditions,
        "readmission_planned": stay.planned_again,
    })
}

/// Of the seven days of a week, those on which somebody exercises in this week.
pub(super) fn active_days(habit: Habit, week: u32) -> &'static [i64] {
    match (habit, week) {
        (Habit::Fading, 0) => &[0, 2, 3, 6],
        (Habit::Fading, 1) => &[1, 4],
        (Habit::Fading, 2) => &[3],
        (Habit::Silent | Habit::Fading, _) => &[],
        (Habit::Faithful, _) => &[0, 1, 2, 3, 5, 6],
    }
}
