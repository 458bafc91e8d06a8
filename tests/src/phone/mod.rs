//! A nurse's phone where there is no signal. What she does is numbered and kept, told in batches, and let go of only
//! when the service has said what became of it.

mod channel;

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use jiahu::ids::Ids;
use serde_json::{Value, json};
use uuid::Uuid;

pub use channel::{Channel, Faults};

/// Most acts of one batch.
const MOST: usize = 100;

/// What the phone has heard of an act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// Nothing that settles it: it is told again.
    Nothing,
    /// It took effect.
    Applied,
    /// A rule refused it, with this code; it is in the work list.
    Refused(String),
    /// It waits in the work list behind a refused one.
    Held,
}

/// An act with what was heard of it.
#[derive(Clone, Debug)]
pub struct Kept {
    /// Its id.
    pub id: Uuid,
    /// Id of the visit.
    pub visit: String,
    /// Its number, when it is of a chain.
    pub counter: Option<u32>,
    /// What was done.
    pub kind: String,
    /// When, in truth.
    pub at: DateTime<Utc>,
    /// What was heard.
    pub heard: Heard,
    /// Told anew under another id.
    pub replaced: bool,
    told: Value,
}

/// A phone.
#[derive(Debug)]
pub struct Phone {
    /// Its name.
    pub device: String,
    /// By how much its clock is ahead.
    pub ahead: TimeDelta,
    kept: Vec<Kept>,
    numbers: BTreeMap<String, u32>,
    /// When a refused act of a visit was last put right, or settled by a person, in truth.
    righted: BTreeMap<String, DateTime<Utc>>,
    ids: Ids,
}

impl Phone {
    /// A phone whose clock is ahead by so much.
    pub fn new(device: impl Into<String>, ahead: TimeDelta) -> Self {
        Self {
            device: device.into(),
            ahead,
            kept: Vec::new(),
            numbers: BTreeMap::new(),
            righted: BTreeMap::new(),
            ids: Ids::default(),
        }
    }

    /// The next act of a visit.
    pub fn did(&mut self, visit: &str, kind: &str, at: DateTime<Utc>, body: Value) {
        let number = self.numbers.entry(visit.to_owned()).or_default();
        *number += 1;
        let number = *number;
        self.keep(visit, Some(number), kind, at, body);
    }

    /// An act that stands outside the order of things, such as a place on the way.
    pub fn did_aside(&mut self, visit: &str, kind: &str, at: DateTime<Utc>, body: Value) {
        self.keep(visit, None, kind, at, body);
    }

    /// Puts a refused act right: another one takes its number, and those that waited behind it are told again.
    pub fn put_right(&mut self, id: Uuid, body: Value, now: DateTime<Utc>) {
        let Some(place) = self.kept.iter().position(|one| one.id == id) else {
            return;
        };
        let old = self.kept[place].clone();
        self.kept[place].replaced = true;
        self.go_on(&old.visit, now);
        self.keep(&old.visit, old.counter, &old.kind, old.at, body);
    }

    /// Somebody settled an act of a visit: those that waited behind it are told again.
    pub fn go_on(&mut self, visit: &str, now: DateTime<Utc>) {
        self.righted.insert(visit.to_owned(), now);
        self.tell_again(visit, |_| true);
    }

    fn keep(
        &mut self,
        visit: &str,
        counter: Option<u32>,
        kind: &str,
        at: DateTime<Utc>,
        body: Value,
    ) {
        let id: Uuid = self.ids.next(at);
        let told = json!({
            "id": id, "visit_id": visit, "counter": counter, "do": kind, "device_at": at + self.ahead, "body": body,
        });
        self.kept.push(Kept {
            id,
            visit: visit.to_owned(),
            counter,
            kind: kind.to_owned(),
            at,
            heard: Heard::Nothing,
            replaced: false,
            told,
        });
    }

    /// Everything that was done, the oldest first.
    pub fn kept(&self) -> &[Kept] {
        &self.kept
    }

    /// Lets go of what is settled and of no use any more.
    pub fn forget(&mut self) {
        self.kept.retain(|one| one.heard == Heard::Nothing);
    }

    /// Whether there is nothing left to tell.
    pub fn is_quiet(&self) -> bool {
        self.kept.iter().all(|one| one.heard != Heard::Nothing)
    }

    /// What is to be told now; none when there is nothing.
    pub fn batch(&self, now: DateTime<Utc>) -> Option<Value> {
        let untold = self.kept.iter().filter(|one| one.heard == Heard::Nothing);
        let actions: Vec<_> = untold.take(MOST).map(|one| one.told.clone()).collect();
        (!actions.is_empty()).then(
            || json!({ "device": self.device, "sent_at": now + self.ahead, "actions": actions }),
        )
    }

    /// Acts of a visit that were heard to wait are told again, those whose number fits.
    fn tell_again(&mut self, visit: &str, fits: impl Fn(Option<u32>) -> bool) {
        for one in &mut self.kept {
            if one.visit == visit && one.heard == Heard::Held && fits(one.counter) {
                one.heard = Heard::Nothing;
            }
        }
    }

    /// Hears the answer to a batch that was sent then, in whatever order answers come. What took effect stays so. That an act
    /// waits says nothing any more when the batch was sent before what it waited for was put right: it is told again.
    pub fn hear(&mut self, sent: DateTime<Utc>, answer: &Value) {
        let results = answer["results"].as_array();
        for result in results.into_iter().flatten() {
            let found = self
                .kept
                .iter_mut()
                .find(|one| result["id"] == one.id.to_string());
            let Some(one) = found.filter(|one| one.heard != Heard::Applied) else {
                continue;
            };
            let code = result["answer"]["code"].as_str().unwrap_or_default();
            match result["result"].as_str() {
                Some("applied") => {
                    one.heard = Heard::Applied;
                    let (visit, counter) = (one.visit.clone(), one.counter);
                    // Of a batch that came in pieces what waited may have been heard before this, which puts right what it
                    // waited for.
                    self.tell_again(&visit, |other| counter.is_some() && other > counter);
                }
                Some("refused") => one.heard = Heard::Refused(code.to_owned()),
                Some("held") if !matches!(one.heard, Heard::Refused(_)) => {
                    let righted = self.righted.get(&one.visit);
                    if righted.is_none_or(|righted| sent > *righted) {
                        one.heard = Heard::Held;
                    }
                }
                Some("missing") => {
                    let (visit, counter) = (one.visit.clone(), one.counter);
                    // An answer that was long on its way may have said of one before it that it waits, when what that
                    // waited for had been put right.
                    self.tell_again(&visit, |other| other < counter);
                }
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_waited_is_told_again_when_what_it_waited_for_took_effect() {
        let at = DateTime::UNIX_EPOCH + TimeDelta::days(20_000);
        let mut phone = Phone::new("phone", TimeDelta::zero());
        phone.did("visit", "record", at, json!({}));
        phone.did("visit", "finish", at, json!({}));
        let ids = |phone: &Phone| phone.kept().iter().map(|one| one.id).collect::<Vec<_>>();
        let answer =
            |id: Uuid, result: &str| json!({ "results": [{ "id": id, "result": result }] });
        let (wrong, finish) = (ids(&phone)[0], ids(&phone)[1]);
        phone.hear(at, &answer(wrong, "refused"));
        phone.put_right(wrong, json!({}), at);
        // Told in pieces: the one behind arrives first.
        let sent = at + TimeDelta::seconds(20);
        let right = ids(&phone)[2];
        phone.hear(sent, &answer(finish, "held"));
        phone.hear(sent, &answer(right, "applied"));
        let batch = phone.batch(sent).expect("something to tell");
        assert_eq!(batch["actions"][0]["id"], finish.to_string());
    }
}
