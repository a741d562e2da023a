//! What the demo says when it stands: where to look, and what to try next.

use std::path::Path;

use super::collector::Collector;
use super::site::Site;
use crate::workspace;

/// Prints where to look and what to try.
pub fn print(collector: &Collector, link: &str, site: &Site, folder: &Path, elapsed: &str) {
    let address = collector.address();
    let listen = address.trim_start_matches("http://");
    let (policy, state) = (site.policy.display(), site.state.display());
    let voucher = site.voucher.display();
    let programs = workspace::binary("candor");
    let programs = programs.parent().unwrap_or(Path::new(".")).display();
    let data = folder.join("collector");
    let data = data.display();
    println!(
        r#"
The demo stands, {elapsed} after its start.

  As the vendor's staff
    Choose a password first, once      {link}
    Overview                           {address}/
    Platforms; try the what-if         {address}/platforms
    Modules, Settings                  {address}/modules  {address}/settings
    This machine's site                {address}/customers?search=Happyville

  As anybody: what is collected        {address}/policies

  As the customer's administrator, in another terminal
    export PATH="{programs}:$PATH" CANDOR_POLICY="{policy}" CANDOR_STATE="{state}" CANDOR_VOUCHER="{voucher}"

    candor log                         What has left, byte for byte, with signed receipts
    candor consent show                What was decided, when, by whom
    candor preview report --source web-installer --application 'Lucity Web' --version 2016
                                       The very bytes of the next report; nothing is sent
    candor consent deny                Clear the box. From now on nothing is gathered, by any source:
    candor report --source web-installer --application 'Lucity Web' --version 2016
    candor consent grant --category environment
                                       Tick it again, for one category; the rest shows as withheld, not as zero

  As the vendor's developer, in the same terminal
    candor policy check "$CANDOR_POLICY"
                                       Break the file first: all faults at once, with line, column and what to do
    candor --json consent show         One line of JSON, for an installer's script

  As the operator: stop the demo, throw the columns away, serve the folder again, see the same figures
    rm {data}/columns.duckdb
    candor-collector serve --data {data} --listen {listen}

Ctrl-C ends it."#
    );
}
