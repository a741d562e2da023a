//! Seeded randomness: every draw belongs to a named place, so that one more draw here changes nothing elsewhere.

use candor_policy::Digest;
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// A stream of draws.
pub struct Dice(ChaCha8Rng);

impl Dice {
    /// The stream of one place, such as `customer 3` or `installation 12, setting SMTP Port`.
    pub fn of(seed: u64, place: &str) -> Self {
        Self(ChaCha8Rng::from_seed(*Digest::of(format!("{seed}/{place}").as_bytes()).as_bytes()))
    }

    /// From 0 up to and not including 1.
    pub fn share(&mut self) -> f64 {
        self.0.random()
    }

    /// True this often.
    pub fn chance(&mut self, share: f64) -> bool {
        self.share() < share
    }

    /// From `low` up to and not including `high`.
    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.share()
    }

    /// A whole number below `end`; 0 where `end` is 0.
    pub fn below(&mut self, end: usize) -> usize {
        if end == 0 { 0 } else { self.0.random_range(0..end) }
    }

    /// One of these.
    pub fn pick<'a, T>(&mut self, of: &'a [T]) -> Option<&'a T> {
        of.get(self.below(of.len()))
    }

    /// The place of one of these weights, each as likely as it weighs.
    pub fn weighted(&mut self, weights: impl Iterator<Item = u32> + Clone) -> usize {
        let mut left = self.share() * f64::from(weights.clone().sum::<u32>());
        for (index, weight) in weights.enumerate() {
            left -= f64::from(weight);
            if left < 0.0 {
                return index;
            }
        }
        0
    }

    /// Log-normal: half lie below `median`; `spread` is the standard deviation of the logarithm. (Box and Muller, 1958.)
    pub fn log_normal(&mut self, median: f64, spread: f64) -> f64 {
        let radius = (-2.0 * (1.0 - self.share()).ln()).sqrt();
        let normal = radius * (std::f64::consts::TAU * self.share()).cos();
        median * (spread * normal).exp()
    }

    /// Raw bytes.
    pub fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.0.fill_bytes(&mut bytes);
        bytes
    }

    /// Puts these into another order.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_draws_the_same_again_and_another_place_does_not() {
        let draw = |seed, place| Dice::of(seed, place).bytes::<8>();
        assert_eq!(draw(7, "a"), draw(7, "a"));
        assert_ne!(draw(7, "a"), draw(7, "b"));
        assert_ne!(draw(7, "a"), draw(8, "a"));
    }

    #[test]
    fn half_of_a_log_normal_lies_below_its_median() {
        let mut dice = Dice::of(1, "log-normal");
        let below = (0..2000).filter(|_| dice.log_normal(40.0, 1.0) < 40.0).count();
        assert!((900..1100).contains(&below), "{below}");
    }
}
