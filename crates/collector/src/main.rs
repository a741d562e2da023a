//! `candor-collector`: the command line, as a table of contents.

mod commands;

use std::path::PathBuf;

use anyhow::Context;
use candor_collector::config::{Config, Options};
use candor_collector::limits::STOP_TIME_MOST;
use candor_collector::{data_folder, layers, open_files, serve};
use candor_web::{logging, signals};
use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand};
use clap_complete::Shell;
use commands::account::AccountCommand;
use commands::audit::AuditCommand;
use commands::installation::InstallationCommand;
use commands::journal::JournalCommand;
use commands::key::Key;
use commands::policy::PolicyCommand;
use commands::voucher::VoucherCommand;
use commands::{Data, clock};

/// Takes in what installations report, keeps what their policy declares, and shows it to the vendor's staff.
#[derive(Parser)]
#[command(name = "candor-collector", version)]
struct Cli {
    /// Write the log as JSON lines.
    #[arg(long, global = true, env = "CANDOR_COLLECTOR_LOG_JSON")]
    log_json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the collector.
    #[command(after_help = layers::PRECEDENCE)]
    Serve(Box<Serve>),
    /// Print the public key that receipts are signed with, for `collector.public_key` in a policy, made on first use; or change it.
    Key(Key),
    /// Publish policies and list them; works while the collector runs.
    #[command(subcommand)]
    Policy(PolicyCommand),
    /// Manage accounts of the vendor's staff; works while the collector runs.
    #[command(subcommand)]
    Account(AccountCommand),
    /// Issue and revoke vouchers, by which installations show that they are licensed copies.
    #[command(subcommand)]
    Voucher(VoucherCommand),
    /// List, block and remove installations; works while the collector runs.
    #[command(subcommand)]
    Installation(InstallationCommand),
    /// Check the audit log; works while the collector runs.
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Mend a damaged journal; the collector must be stopped.
    #[command(subcommand)]
    Journal(JournalCommand),
    /// Print completions for a shell.
    Completions {
        /// The shell.
        shell: Shell,
    },
    /// Write the manual pages.
    #[command(hide = true)]
    Man {
        /// The folder to write them into.
        folder: PathBuf,
    },
}

#[derive(Args)]
struct Serve {
    #[command(flatten)]
    data: Data,
    /// A configuration file, TOML
    #[arg(long, value_name = "FILE", env = "CANDOR_COLLECTOR_CONFIG")]
    config: Option<PathBuf>,
    #[command(flatten)]
    options: Options,
}

impl Cli {
    /// The command line, with the variable of every option of `serve` in its help.
    fn documented() -> clap::Command {
        Self::command().mut_subcommand("serve", layers::documented)
    }

    /// Reads the command line, and for `serve` what environment and file say. Returns what is wrong with these two.
    fn read() -> anyhow::Result<(Self, Vec<String>)> {
        let mut faults = Vec::new();
        let mut command = Self::command();
        // Without the environment: whatever is wrong there must not hide what is wrong in the file.
        let said = command.clone().try_get_matches();
        let said = said.unwrap_or_else(|_| Self::documented().get_matches());
        if let Some(("serve", serve)) = said.subcommand() {
            let file = serve.get_one::<PathBuf>("config").map(PathBuf::as_path);
            let variable = |name: &str| std::env::var(name).ok();
            let plain = command.find_subcommand("serve").context("no command `serve`")?.clone();
            let layered = layers::layered(plain, file, variable, &mut faults)?;
            command = command.mut_subcommand("serve", |_| layered);
        }
        Ok((Self::from_arg_matches(&command.get_matches())?, faults))
    }
}

/// A report is many small allocations, some of them freed on another thread: with the C library's allocator they were 9 % of the
/// collector's time under load.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> anyhow::Result<()> {
    let (cli, faults) = Cli::read()?;
    let _log = logging::to_stderr("info", cli.log_json);
    data_folder::make_files_private();
    if matches!(cli.command, Command::Serve(_)) {
        open_files::raise_fd_limit();
    }
    let runtime = tokio::runtime::Runtime::new().context("the runtime cannot be started")?;
    let ended = runtime.block_on(async {
        match cli.command {
            Command::Serve(arguments) => run(*arguments, faults).await,
            Command::Key(key) => commands::key::run(key).await,
            Command::Policy(command) => commands::policy::run(command).await,
            Command::Account(command) => commands::account::run(command).await,
            Command::Voucher(command) => commands::voucher::run(command).await,
            Command::Installation(command) => commands::installation::run(command).await,
            Command::Audit(command) => commands::audit::run(command).await,
            Command::Journal(command) => commands::journal::run(command).await,
            Command::Completions { shell } => commands::generate::completions(shell, Cli::documented()),
            Command::Man { folder } => commands::generate::manual(&folder, Cli::documented()),
        }
    });
    // A thread that still blocks, on a disk that does not answer or a query, would hold up the end.
    runtime.shutdown_background();
    ended
}

async fn run(arguments: Serve, faults: Vec<String>) -> anyhow::Result<()> {
    let config = Config::new(arguments.options, faults)?;
    let asked_to_stop = signals::asked_to_stop().context("the signals to stop cannot be listened for")?;
    let mut running = serve::start(&arguments.data.data, config, clock()).await?;
    match &running.public_url {
        None => println!("Listening on {}", running.listening_url),
        Some(url) => println!("Listening on {}; people use {url}", running.listening_url),
    }
    if let Some(link) = &running.setup_link {
        println!("Create the first account: {link}");
    }
    let ended = tokio::select! {
        ended = running.ended() => ended,
        () = asked_to_stop => Ok(()),
    };
    if tokio::time::timeout(STOP_TIME_MOST, running.stop()).await.is_err() {
        tracing::warn!("the stop took too long and is broken off; what was acknowledged is on disk");
    }
    ended
}
