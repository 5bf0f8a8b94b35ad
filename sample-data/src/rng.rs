//! A small seeded generator: the same seed gives the same bytes on every machine, which no external
//! generator promises across its versions. SplitMix64 (Steele, Lea, Flood 2014).

use crate::hash::fnv;

/// A stream of numbers; each part of the scene has its own, so that one part never shifts another.
pub(crate) struct Rng(u64);

impl Rng {
    /// The stream called `name` under `seed`.
    pub(crate) fn named(seed: u64, name: &str) -> Self {
        let mut rng = Self(seed ^ fnv(name.as_bytes()));
        rng.next();
        rng
    }

    /// The next 64 bits.
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number in `low..=high`.
    pub(crate) fn within(&mut self, low: i64, high: i64) -> i64 {
        let span = (high - low + 1) as u128;
        low + ((u128::from(self.next()) * span) >> 64) as i64
    }

    /// True `per_mille` times out of a thousand.
    pub(crate) fn chance(&mut self, per_mille: i64) -> bool {
        self.within(0, 999) < per_mille
    }

    /// One of `choices`, which is not empty.
    pub(crate) fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.within(0, choices.len() as i64 - 1) as usize]
    }

    /// `N` random bytes.
    pub(crate) fn array<const N: usize>(&mut self) -> [u8; N] {
        std::array::from_fn(|_| self.next() as u8)
    }

    /// `length` random bytes.
    pub(crate) fn bytes(&mut self, length: usize) -> Vec<u8> {
        (0..length).map(|_| self.next() as u8).collect()
    }

    /// The indices `0..length` in random order.
    pub(crate) fn shuffled(&mut self, length: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..length).collect();
        for last in (1..length).rev() {
            order.swap(last, self.within(0, last as i64) as usize);
        }
        order
    }
}
