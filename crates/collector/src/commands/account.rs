//! `candor-collector account`: one-time links.

use candor_collector::accounts::new_link;
use candor_collector::config::DEFAULT_LISTEN;
use clap::Subcommand;

use super::{Data, clock, store};

/// Commands about accounts.
#[derive(Subcommand)]
pub enum AccountCommand {
    /// Print a one-time link that makes an administrator's account.
    Link {
        #[command(flatten)]
        data: Data,
        /// The collector's address.
        #[arg(long, value_name = "URL", default_value_t = format!("http://{DEFAULT_LISTEN}"))]
        url: String,
    },
}

/// Does what is asked.
///
/// # Errors
/// Where the journal fails.
pub async fn run(command: AccountCommand) -> anyhow::Result<()> {
    match command {
        AccountCommand::Link { data, url } => {
            let store = store(&data.data).await?;
            let link = new_link(store.accounts(), &*clock(), url.trim_end_matches('/')).await?;
            store.close().await;
            println!("{link}");
            Ok(())
        }
    }
}
