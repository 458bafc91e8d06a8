//! The nearest search, held against measuring every nurse.

use entity::nurse;
use jiahu::db::Db;
use jiahu::domain::place::{Point, distance_m};
use jiahu::store::reach::{self, Reached};
use jiahu_tests::harness::{CENTRE, TestServer};
use jiahu_tests::on_both;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use secrecy::ExposeSecret;

use super::{County, base, point};

/// The same answer by measuring everybody.
fn measured(people: &[nurse::Model], centre: Point, radius_m: f64) -> Vec<Reached> {
    let mut all: Vec<Reached> = people
        .iter()
        .map(|row| Reached {
            nurse: row.id,
            distance_m: distance_m(centre, base(row)),
            radius_m: u32::try_from(row.service_radius_m).expect("a radius"),
        })
        .filter(|one| one.distance_m <= radius_m && one.distance_m <= f64::from(one.radius_m))
        .collect();
    all.sort_by(|a, b| {
        a.distance_m
            .total_cmp(&b.distance_m)
            .then(a.nurse.cmp(&b.nurse))
    });
    all
}

/// Places as they come: a crowded town, an even plain, and villages where many share one point.
fn place(random: &mut ChaCha8Rng, sort: u64) -> Point {
    let spread = [0.02, 0.6, 0.4][usize::try_from(sort % 3).expect("small")];
    let mut offset = || random.random_range(-spread..spread);
    let (lng, lat) = (offset(), offset());
    if sort % 3 == 2 {
        let village = |degrees: f64| (degrees * 10.0).round() / 10.0;
        return point(CENTRE.0 + village(lng), CENTRE.1 + village(lat));
    }
    point(CENTRE.0 + lng, CENTRE.1 + lat)
}

fn radius(random: &mut ChaCha8Rng) -> u32 {
    [500, 5_000, 20_000, 40_000, 200_000][random.random_range(0..5)]
}

async fn compare(server: &TestServer, seed: u64) {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let county = County::build(server, &format!("13{seed:04}")).await;
    let size = random.random_range(0..250);
    let people: Vec<nurse::Model> = (0..size)
        .map(|_| {
            let base = place(&mut random, seed);
            county.nurse(server, Some(base), radius(&mut random))
        })
        .collect();
    county.settle(server, "IV", &people).await;
    for _ in 0..12 {
        let centre = place(&mut random, seed);
        let count = random.random_range(0..30);
        let max_m = f64::from(radius(&mut random));
        let all = measured(&people, centre, max_m);
        let found = county.within(server, "IV", centre, max_m).await;
        assert_eq!(found, all, "seed {seed}, {centre:?}, {max_m} m");
        let few = &all[..count.min(all.len())];
        let found = county.nearest(server, "IV", centre, count, max_m).await;
        assert_eq!(
            found, few,
            "seed {seed}, {centre:?}, {count} within {max_m} m"
        );
    }
}

on_both! {
    async fn the_search_finds_whom_measuring_everybody_finds(server: TestServer) {
        for seed in 0..60 {
            compare(&server, seed).await;
        }
    }

    async fn of_equals_the_smaller_id_comes_first(server: TestServer) {
        let county = County::build(&server, "130431").await;
        let centre = point(CENTRE.0, CENTRE.1);
        let people: Vec<_> = (0..70)
            .map(|number| {
                let door = point(CENTRE.0 + if number % 2 == 0 { 0.01 } else { -0.01 }, CENTRE.1);
                county.nurse(&server, Some(door), 5_000)
            })
            .collect();
        county.settle(&server, "IV", &people).await;
        let all = measured(&people, centre, 5_000.0);
        for count in [1, 10, 36, 69, 70, 200] {
            let found = county.nearest(&server, "IV", centre, count, 5_000.0).await;
            assert_eq!(found, all[..count.min(70)]);
        }
        assert!(county.nearest(&server, "IV", centre, 0, 5_000.0).await.is_empty());
        assert!(county.nearest(&server, "IV", centre, 10, 800.0).await.is_empty());
    }

    async fn a_rare_certificate_is_found_among_many_nurses(server: TestServer) {
        let county = County::build(&server, "130431").await;
        let mut random = ChaCha8Rng::seed_from_u64(7);
        let mut people = |count: usize| -> Vec<_> {
            (0..count)
                .map(|_| county.nurse(&server, Some(place(&mut random, 1)), 200_000))
                .collect()
        };
        let (many, few) = (people(2_000), people(20));
        county.settle(&server, "IV", &many).await;
        county.settle(&server, "PICC", &few).await;
        let centre = point(CENTRE.0 + 0.3, CENTRE.1 - 0.2);
        let found = county.nearest(&server, "PICC", centre, 10, 100_000.0).await;
        assert_eq!(found, measured(&few, centre, 100_000.0)[..10]);
        assert!(county.nearest(&server, "picc", centre, 10, 100_000.0).await.is_empty());
        assert!(county.within(&server, "", centre, 100_000.0).await.is_empty());
    }

    async fn another_community_is_not_searched(server: TestServer) {
        let here = County::build(&server, "130431").await;
        let there = County::build(&server, "130432").await;
        let centre = point(CENTRE.0, CENTRE.1);
        let (ours, theirs) = (
            [here.nurse(&server, Some(point(CENTRE.0 + 0.1, CENTRE.1)), 20_000)],
            [there.nurse(&server, Some(centre), 20_000)],
        );
        here.settle(&server, "IV", &ours).await;
        there.settle(&server, "IV", &theirs).await;
        let found = here.nearest(&server, "IV", centre, 10, 40_000.0).await;
        assert_eq!(found, measured(&ours, centre, 40_000.0));
        assert_eq!(here.within(&server, "IV", centre, 40_000.0).await, found);
        assert_eq!(there.within(&server, "IV", centre, 40_000.0).await[0].nurse, theirs[0].id);
    }

    async fn the_number_of_statements_does_not_grow_with_the_nurses(server: TestServer) {
        let county = County::build(&server, "130431").await;
        // A pool of its own: the server's counts the work behind the scenes as well.
        let url = server.app.config.database_url.connection_url(false);
        let db = Db::connect(url.expose_secret(), 1).await.expect("the database answers");
        let mut random = ChaCha8Rng::seed_from_u64(11);
        let centre = point(CENTRE.0, CENTRE.1);
        for size in [5, 50, 500, 2_000] {
            let people: Vec<_> = (0..size)
                .map(|_| county.nurse(&server, Some(place(&mut random, 1)), 200_000))
                .collect();
            county.settle(&server, "IV", &people).await;
            let before = db.statements();
            reach::within(db.reader(), county.community, "IV", centre, 40_000.0)
                .await
                .expect("an answer");
            assert_eq!(db.statements() - before, 1);
            reach::nearest(db.reader(), county.community, "IV", centre, 10, 100_000.0)
                .await
                .expect("an answer");
            let nearest = db.statements() - before - 1;
            assert!(nearest <= 2, "{nearest} statements for {size} more nurses");
        }
    }
}
