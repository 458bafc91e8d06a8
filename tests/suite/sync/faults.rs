//! Nurse-days over a channel that loses 30 %, doubles, reorders and delays: nothing is lost, nothing happens twice, and
//! every refusal is seen, and every call for help is an alarm.
//!
//! A day: each nurse has one or two visits, does them without a word, and has signal now and then. Some clocks are a day
//! off, some records are wrong, some visits are taken away, some accounts are disabled before anything was told, some acts
//! that wait are settled by the coordinator, and on some visits she calls for help.

mod crew;
mod kept;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use futures::StreamExt;
use futures::stream;
use jiahu_tests::harness::{Backend, TestServer, watch_for};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::json;

use self::crew::{County, Player, PutBatch, Tally};
use self::kept::{check, work_list};

/// Nurses who play at once.
const CREW: u32 = 40;
/// Hours of a day after which some nurses have signal.
const TICKS: i64 = 8;
/// Further tries after the day, until every phone is quiet.
const MOST_TRIES: u32 = 200;
/// How long the ten thousand may take.
const HOURS: Duration = Duration::from_hours(6);

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
        tally.applied > 0
            && tally.refused > 0
            && tally.held > 0
            && tally.settled > 0
            && tally.alarms > 0,
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

/// Some clocks are set, some accounts disabled, before anything was told or in the middle, and some acts that wait are settled.
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
    if dice.random_bool(0.2) && player.settle_one(county, dice).await {
        tally.settled += 1;
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
    watch_for(HOURS);
    TestServer::with(Backend::Sqlite, |server| play(server, 10_000, 2)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes long: make faults"]
async fn ten_thousand_nurse_days_on_postgres() {
    watch_for(HOURS);
    TestServer::with(Backend::Postgres, |server| play(server, 10_000, 2)).await;
}
