//! `candor-collector journal`: what can be done about a damaged journal.

use candor_collector::data_folder::Serving;
use candor_collector::publish::COMMAND_LINE;
use candor_collector::store::{self, Action, Salvaged, SalvagedTable};
use candor_collector::{data_folder, key_file};
use clap::Subcommand;

use super::{Listing, clock, existing_store, print_json};

/// Commands about the journal.
#[derive(Subcommand)]
pub enum JournalCommand {
    /// Take out of a damaged journal what can be read, each report held against its digest; the collector must be stopped.
    Salvage(Listing),
}

/// Does what is asked.
///
/// # Errors
/// Where the folder is served, holds no journal, or nothing of it can be read.
pub async fn run(command: JournalCommand) -> anyhow::Result<()> {
    let JournalCommand::Salvage(listing) = command;
    let data = &listing.data.data;
    key_file::read(data)?;
    anyhow::ensure!(data_folder::has_journal(data), "{} holds no journal", data.display());
    let _serving = Serving::claim(data)?;
    let salvaged = store::salvage(data).await?;
    let store = existing_store(data).await?;
    let subject = summary(&salvaged);
    store.audit().append(clock().now(), COMMAND_LINE, Action::JournalSalvaged, &subject).await?;
    store.close().await;
    if listing.json {
        return print_json(&serde_json::to_value(&salvaged)?);
    }
    for (table, salvaged) in &salvaged {
        println!("{table}: {}", said(salvaged));
    }
    println!(
        "The new journal is in place; the damaged one is journal.sqlite.damaged beside it. Start the collector: it builds the \
         columns anew."
    );
    Ok(())
}

/// For the audit log.
fn summary(salvaged: &Salvaged) -> String {
    let lost = salvaged.iter().filter(|(_, table)| !table.lost.is_empty() || table.end_unknown);
    let lost: Vec<_> = lost.map(|(name, table)| format!("{name}: {} lost", table.lost.len())).collect();
    if lost.is_empty() { "nothing was lost".to_owned() } else { lost.join("; ") }
}

fn said(table: &SalvagedTable) -> String {
    let kept = format!("{} kept", table.kept);
    let end = if table.end_unknown { "; there may have been more at its end" } else { "" };
    match table.lost.as_slice() {
        [] => format!("{kept}, none lost{end}"),
        [0] => format!("{kept}, the rest of them lost{end}"),
        lost => format!("{kept}, {} lost: number {}{end}", lost.len(), ranges(lost)),
    }
}

/// Numbers in ascending order, runs of them as ranges.
fn ranges(numbers: &[i64]) -> String {
    let runs = numbers.chunk_by(|one, next| one + 1 == *next);
    let run = |run: &[i64]| match (run.first(), run.last()) {
        (Some(first), Some(last)) if first != last => format!("{first} to {last}"),
        (Some(only), _) => only.to_string(),
        (None, _) => String::new(),
    };
    runs.map(run).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lost_numbers_are_told_as_ranges() {
        assert_eq!(ranges(&[3]), "3");
        assert_eq!(ranges(&[1, 2, 3, 7, 9, 10]), "1 to 3, 7, 9 to 10");
    }
}
