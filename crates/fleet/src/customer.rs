//! A customer: a name, a number of users, and how it goes about things. Its installations share these.

use crate::dice::Dice;
use crate::names::Named;
use crate::shape::{MEDIAN_USERS, MOST_INSTALLATIONS, USERS_PER_INSTALLATION, USERS_SPREAD};

/// A customer.
#[derive(Clone, Debug)]
pub struct Customer {
    /// Its place in the base, from 0.
    pub index: usize,
    /// The vendor's number for it.
    pub number: u32,
    /// Its name for people, such as `Town of Happyville`.
    pub name: String,
    /// The name of its directory domain, such as `HAPPYVILLE`.
    pub domain: String,
    /// How many people use the product there.
    pub users: f64,
    /// How many installations it runs in the end.
    pub installations: usize,
}

impl Customer {
    pub(crate) fn invent(seed: u64, index: usize, named: Named) -> Self {
        let mut dice = Dice::of(seed, &format!("customer {index}"));
        let users = dice.log_normal(MEDIAN_USERS, USERS_SPREAD).clamp(2.0, 4000.0);
        let more = (users / USERS_PER_INSTALLATION * dice.between(0.3, 1.3)) as usize;
        Self {
            index,
            number: 10_000 + 7 * index as u32 + dice.below(7) as u32,
            name: named.name,
            domain: named.domain,
            users,
            installations: (1 + more).min(MOST_INSTALLATIONS),
        }
    }
}
