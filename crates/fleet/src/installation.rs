//! One installation's life: when it joins, what it runs, what it refuses, when and why it stops.

use candor_policy::{CategoryId, InstallationId, Policy, PublicKey};
use ed25519_dalek::SigningKey;

use crate::calendar::Calendar;
use crate::customer::Customer;
use crate::dice::Dice;
use crate::platforms::{Climb, DEBIAN, Line, ORACLE, POSTGRESQL, SQL_SERVER, WINDOWS};
use crate::rollout::Rollout;
use crate::shape::{DENY_AT_ONCE, DENY_LATER, FALL_SILENT, JOINING, REFUSE_CATEGORY};

/// One installation.
pub struct Installation {
    /// Its place in the base, from 0.
    pub index: usize,
    /// Its customer's place.
    pub customer: usize,
    /// Which of its customer's installations it is, from 0.
    pub ordinal: usize,
    /// Its key.
    pub key: SigningKey,
    /// The name that follows from its key.
    pub id: InstallationId,
    /// When it was installed, months.
    pub joined: f64,
    /// When it stopped, and why.
    pub stopped: Option<(f64, Silence)>,
    /// The category that its administrator refuses.
    pub refused: Option<CategoryId>,
    /// The releases that it runs over time: months and ranks.
    pub(crate) releases: Vec<(f64, usize)>,
    pub(crate) system: &'static Line,
    pub(crate) system_climb: Climb,
    pub(crate) database: &'static Line,
    pub(crate) database_climb: Climb,
    /// The place of its database's edition on the line.
    pub(crate) edition: usize,
    /// When in the month its scheduled run starts, as a share of the month.
    pub(crate) run_at: f64,
}

/// Where an installation stands.
pub(crate) struct Place {
    /// In the base, from 0.
    pub(crate) index: usize,
    /// Among its customer's, from 0.
    pub(crate) ordinal: usize,
}

/// Why an installation is not heard of any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Silence {
    /// It just stopped: uninstalled, cut off, forgotten.
    Quiet,
    /// Its administrator denied consent.
    Denied,
}

impl Installation {
    pub(crate) fn invent(
        seed: u64,
        place: &Place,
        customer: &Customer,
        calendar: &Calendar,
        rollout: &Rollout,
        policy: &Policy,
    ) -> Self {
        let Place { index, ordinal } = *place;
        let months = calendar.months();
        let key = SigningKey::from_bytes(&Dice::of(seed, &format!("installation {index}, key")).bytes());
        let mut dice = Dice::of(seed, &format!("installation {index}"));
        let joined = f64::from(months) * dice.share().powf(JOINING);
        let stopped = stop(&mut dice, joined, months);
        let refused = dice
            .chance(REFUSE_CATEGORY)
            .then(|| dice.pick(&policy.categories).map(|category| category.id.clone()))
            .flatten();
        let releases = rollout.taken_up(&mut dice, joined);
        let system = if dice.chance(0.86) { &WINDOWS } else { &DEBIAN };
        let database = database(&mut dice, system);
        Self {
            index,
            customer: customer.index,
            ordinal,
            id: InstallationId::of(&PublicKey::from_bytes(key.verifying_key().to_bytes())),
            key,
            joined,
            stopped,
            refused,
            releases,
            system,
            system_climb: Climb::of(&mut dice, system, months),
            database,
            database_climb: Climb::of(&mut dice, database, months),
            edition: dice.weighted(database.editions.iter().map(|(_, weight)| *weight)),
            run_at: run_at(&mut dice),
        }
    }

    /// Whether it reports at a moment.
    pub(crate) fn speaks_at(&self, moment: f64) -> bool {
        moment >= self.joined && self.stopped.is_none_or(|(from, _)| moment < from)
    }

    /// The rank of the release that it runs at a moment.
    pub(crate) fn release_at(&self, moment: f64) -> usize {
        self.releases.iter().rev().find(|(from, _)| *from <= moment).map_or(0, |(_, rank)| *rank)
    }

    /// When an installer ran: with each release, and where the product moved to a newer operating system.
    pub(crate) fn installs(&self) -> Vec<f64> {
        let moves = self.system_climb.moves().filter(|moment| *moment > self.joined);
        self.releases.iter().map(|(moment, _)| *moment).chain(moves).collect()
    }

    /// When the database utility ran: after each release, and where the database moved to a newer version.
    pub(crate) fn conversions(&self) -> Vec<f64> {
        const AN_HOUR: f64 = 1.0 / 720.0;
        let moves = self.database_climb.moves().filter(|moment| *moment > self.joined);
        self.releases.iter().map(|(moment, _)| *moment + AN_HOUR).chain(moves).collect()
    }
}

fn stop(dice: &mut Dice, joined: f64, months: u32) -> Option<(f64, Silence)> {
    let later = dice.between(joined + 1.0, f64::from(months).max(joined + 1.0));
    let drawn = dice.share();
    if drawn < DENY_AT_ONCE {
        return Some((joined, Silence::Denied));
    }
    if drawn < DENY_AT_ONCE + DENY_LATER {
        return Some((later, Silence::Denied));
    }
    (drawn < DENY_AT_ONCE + DENY_LATER + FALL_SILENT).then_some((later, Silence::Quiet))
}

fn database(dice: &mut Dice, system: &Line) -> &'static Line {
    let on_windows = std::ptr::eq(system.names, WINDOWS.names);
    let weights: [u32; 3] = if on_windows { [80, 13, 7] } else { [0, 25, 75] };
    [&SQL_SERVER, &ORACLE, &POSTGRESQL][dice.weighted(weights.into_iter())]
}

/// Most run in the night after the first; some administrators chose another day.
fn run_at(dice: &mut Dice) -> f64 {
    let day = if dice.chance(0.75) { 0.0 } else { dice.below(9) as f64 };
    (day + dice.between(0.04, 0.25)) / 30.0
}
