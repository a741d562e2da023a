//! When the product's releases come out, and when a site takes them up.

use crate::dice::Dice;
use crate::shape::{
    NEVER_UPGRADE, NEWEST_RELEASE_AT, RELEASES_BEFORE, SKIP_RELEASE, UPGRADE_MEDIAN, UPGRADE_SPREAD,
};

/// What a product is called whose policy lists no releases.
const UNLISTED: [&str; 4] = ["1.0", "1.1", "2.0", "2.1"];

/// The product's releases and the moments at which they come out.
#[derive(Clone, Debug)]
pub(crate) struct Rollout {
    names: Vec<String>,
    out: Vec<f64>,
}

impl Rollout {
    /// Spreads releases evenly: some are out already, the newest comes at [`NEWEST_RELEASE_AT`].
    pub(crate) fn of(listed: &[String], months: u32) -> Self {
        let names: Vec<String> =
            if listed.is_empty() { UNLISTED.map(String::from).to_vec() } else { listed.to_vec() };
        let newest = names.len() - 1;
        // The last one that is out before the first month; with a single release, that one.
        let last_before = ((names.len() as f64 * RELEASES_BEFORE) as usize).min(newest.saturating_sub(1));
        let step = (NEWEST_RELEASE_AT * f64::from(months) + 1.0) / (newest - last_before).max(1) as f64;
        let out = (0..names.len()).map(|rank| -1.0 + (rank as f64 - last_before as f64) * step).collect();
        Self { names, out }
    }

    /// A release's name.
    pub(crate) fn name(&self, rank: usize) -> &str {
        self.names.get(rank).map_or("", String::as_str)
    }

    /// The releases that a site runs over time, from the moment at which it joins: moments and ranks, both rising.
    pub(crate) fn taken_up(&self, dice: &mut Dice, joined: f64) -> Vec<(f64, usize)> {
        let newest = self.out.iter().rposition(|out| *out <= joined).unwrap_or(0);
        let behind = dice.weighted([60, 24, 11, 5].into_iter());
        let mut taken = vec![(joined, newest.saturating_sub(behind))];
        if dice.chance(NEVER_UPGRADE) {
            return taken;
        }
        for rank in 0..self.out.len() {
            let moment = self.out[rank].max(joined) + dice.log_normal(UPGRADE_MEDIAN, UPGRADE_SPREAD);
            let left_out = dice.chance(SKIP_RELEASE);
            let Some((last_moment, last_rank)) = taken.last().copied() else { continue };
            if rank > last_rank && !left_out && moment > last_moment {
                taken.push((moment, rank));
            }
        }
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rollout() -> Rollout {
        Rollout::of(&["1", "2", "3", "4", "5", "6", "7"].map(String::from), 24)
    }

    #[test]
    fn the_newest_release_comes_out_with_time_left_to_watch_it_spread() {
        let rollout = rollout();
        assert!(rollout.out.is_sorted());
        assert!(rollout.out[2] < 0.0 && rollout.out[6] > 12.0 && rollout.out[6] < 18.0, "{:?}", rollout.out);
        assert_eq!(Rollout::of(&["only".to_owned()], 24).out, [-1.0]);
    }

    #[test]
    fn a_site_takes_up_no_release_before_it_is_out_and_never_goes_back() {
        let rollout = rollout();
        for site in 0..50 {
            let taken = rollout.taken_up(&mut Dice::of(7, &format!("site {site}")), 3.0);
            assert!(taken.is_sorted_by(|a, b| a.0 < b.0 && a.1 < b.1), "{taken:?}");
            assert!(taken.iter().all(|(moment, rank)| rollout.out[*rank] <= *moment), "{taken:?}");
        }
    }
}
