//! Where people live, from 14,721 populated places of China: crowded plains, empty west.

use jiahu::domain::place::Point;
use rand::{Rng, RngExt};

const PLACES: &str = include_str!("../../data/cn-places.csv");
/// Mean distance of a home from the middle of its place, and the longest; metres.
const MEAN_AWAY_M: f64 = 4_000.0;
const MAX_AWAY_M: f64 = 30_000.0;
/// One degree of latitude, metres.
const DEGREE_M: f64 = 111_195.0;

/// The populated places.
#[derive(Clone, Debug)]
pub struct China(Vec<(f64, f64)>);

impl China {
    /// Reads the list that the program carries.
    pub fn load() -> Self {
        let places = PLACES.lines().skip(1).map(|line| {
            let (lng, lat) = line.split_once(',').expect("lng,lat");
            let degrees = |text: &str| text.parse().expect("degrees");
            (degrees(lng), degrees(lat))
        });
        Self(places.collect())
    }

    /// A home in or around one of the places.
    pub fn home(&self, random: &mut impl Rng) -> Point {
        let (lng, lat) = self.0[random.random_range(0..self.0.len())];
        let share: f64 = random.random_range(0.0..1.0);
        let away_m = (-MEAN_AWAY_M * (1.0 - share).ln()).min(MAX_AWAY_M);
        let (east, north) = random.random_range(0.0..std::f64::consts::TAU).sin_cos();
        let degrees = away_m / DEGREE_M;
        Point::new(
            lng + degrees * east / lat.to_radians().cos(),
            lat + degrees * north,
        )
        .expect("a place in China")
    }
}

#[cfg(test)]
mod tests {
    use jiahu::domain::place::in_mainland;
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    use super::*;

    #[test]
    fn homes_lie_in_china_and_follow_from_the_seed() {
        let china = China::load();
        assert_eq!(china.0.len(), 14_721);
        let homes = |seed| {
            let mut random = ChaCha8Rng::seed_from_u64(seed);
            (0..1_000)
                .map(|_| china.home(&mut random))
                .collect::<Vec<_>>()
        };
        assert_eq!(homes(1), homes(1));
        assert_ne!(homes(1), homes(2));
        assert!(
            homes(1)
                .iter()
                .all(|home| in_mainland(home.lng(), home.lat()))
        );
    }
}
