//! `pages`: each page and each file of a figure over an installed base, and how fast its columns are filled and rebuilt.
//!
//! The base is made through the real wire, once for each size; later runs find it. Beside the time of a page stands the time
//! that its reads of the columns took, by the collector's own metrics: what is left is rendering and HTTP.

mod addresses;
mod base;
mod print;
mod staff;
mod times;
mod watcher;

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::ensure;
use candor_policy::Clock;
use serde::Serialize;

use crate::machine::Machine;
use crate::server::neighbour;
use base::{Base, Made, Rebuilt};
use staff::Staff;
use times::Times;

/// What to measure.
#[derive(clap::Args)]
pub(crate) struct PagesSettings {
    /// The collector's program [default: the one beside this program]
    #[arg(long, value_name = "PATH")]
    collector: Option<PathBuf>,
    /// The policy that the base reports under
    #[arg(long, default_value = "examples/policies/lucity-data-collection.toml")]
    policy: PathBuf,
    /// How many installations the base has
    #[arg(long, default_value_t = 10_000)]
    installations: usize,
    /// Over how many months
    #[arg(long, default_value_t = 24)]
    months: u32,
    /// How often each address is asked for
    #[arg(long, default_value_t = 20)]
    times: usize,
    /// Another address to ask for, such as `/modules?product=Lucity+Web`; may be given several times
    #[arg(long = "page", value_name = "ADDRESS")]
    more: Vec<String>,
    /// Leave the columns as they are: do not measure how long it takes to rebuild them
    #[arg(long)]
    no_rebuild: bool,
    /// Make the base anew, even if there is one of this size
    #[arg(long)]
    fresh: bool,
    /// Where bases are kept
    #[arg(long, default_value = "target/bench/pages")]
    folder: PathBuf,
    /// Print JSON, and no progress
    #[arg(long)]
    json: bool,
}

/// Everything that was measured.
#[derive(Debug, Serialize)]
struct Measured {
    machine: Machine,
    base: Made,
    pages: Vec<Times>,
    rebuilt: Option<Rebuilt>,
}

/// Measures, and prints.
pub(crate) fn run(settings: &PagesSettings, clock: &Arc<dyn Clock>) -> anyhow::Result<()> {
    ensure!(settings.installations > 0 && settings.months > 0 && settings.times > 0, "nothing to measure");
    std::fs::create_dir_all(&settings.folder)?;
    let machine = Machine::look(&settings.folder)?;
    let runtime = tokio::runtime::Runtime::new()?;
    let pages = runtime.block_on(measure(settings, machine, clock))?;
    if settings.json {
        println!("{}", serde_json::to_string(&pages)?);
    } else {
        print::print(&pages);
    }
    Ok(())
}

async fn measure(
    settings: &PagesSettings,
    machine: Machine,
    clock: &Arc<dyn Clock>,
) -> anyhow::Result<Measured> {
    let program = settings.collector.clone().map_or_else(|| neighbour("candor-collector"), Ok)?;
    let base = Base::of(settings, program);
    let made = base.make(settings, clock).await?;
    let server = base.start()?;
    let name = format!("bench-{}", clock.now().as_second());
    let staff = Staff::sign_in(server.address(), &base.link()?, &name).await?;
    staff.columns_caught_up(made.reports).await?;
    let mut addresses = addresses::all(&staff).await?;
    addresses.extend(settings.more.iter().cloned());
    let mut pages = Vec::new();
    for address in addresses {
        let times = times::measure(&staff, &address, settings.times).await?;
        if !settings.json {
            eprintln!("{}: {:.0} ms", times.address, times.p50);
        }
        pages.push(times);
    }
    server.stop()?;
    let rebuilt = if settings.no_rebuild { None } else { Some(base.rebuild(made.reports).await?) };
    Ok(Measured { machine, base: made, pages, rebuilt })
}
