//! What the demo says when it stands: where to look, and what to try next.

use std::path::Path;

use super::collector::Collector;
use super::site::Site;

/// Prints where to look and what to try.
pub fn print(collector: &Collector, link: &str, site: &Site, folder: &Path, elapsed: &str) {
    let address = collector.address();
    let candor = site.typed();
    let columns = folder.join("collector/columns.duckdb");
    println!(
        "
The demo stands, {elapsed} after its start.

  As the vendor's staff
    Choose a password first (once):  {link}
    Dashboard                        {address}/
    Its pages: Overview, Platforms (try the what-if), Modules, Settings, Customers
    This machine's site              {address}/customers?search=Happyville

  As the customer's administrator
    What the vendor says it collects {address}/policies
    Decision, and what has left      {candor} consent show
                                     {candor} log

  What to try, in another terminal
    See the next report before it leaves; these are the very bytes:
      {candor} preview report --source web-installer --application 'Lucity Web' --version 2016
    Clear the box; from now on nothing is gathered, by any source:
      {candor} consent deny
      {candor} report --source web-installer --application 'Lucity Web' --version 2016
    Set the box again, for the environment alone; the rest shows as withheld, not as zero:
      {candor} consent grant --category environment
    The same as one line of JSON, for an installer's script:
      {candor} --json consent show
    Compare two versions of a policy, or give one a fault on purpose:
      {checker} policy check {policy}
    Throw the columns away: stop the demo, delete the file, serve the same folder, see the same figures:
      rm {columns}
      {collector_program} serve --data {data}

Ctrl-C ends it.",
        checker = crate::workspace::binary("candor").display(),
        policy = site.policy.display(),
        columns = columns.display(),
        collector_program = crate::workspace::binary("candor-collector").display(),
        data = folder.join("collector").display(),
    );
}
