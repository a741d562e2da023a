//! `candor-collector`: the command line, as a table of contents.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;
use candor_collector::accounts::new_link;
use candor_collector::clock::SystemClock;
use candor_collector::config::{Config, ConfigFile, DEFAULT_LISTEN, Overrides};
use candor_collector::store::{ControlStore, Publishing};
use candor_collector::{data_folder, key_file, publish, serve};
use candor_policy::Clock;
use clap::{Args, Parser, Subcommand};
use tracing_subscriber::EnvFilter;

/// Takes in what installations report, keeps what their policy declares, and shows it to the vendor's staff.
#[derive(Parser)]
#[command(name = "candor-collector", version)]
struct Cli {
    /// Write the log as JSON lines.
    #[arg(long, global = true)]
    log_json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the collector.
    Serve(Serve),
    /// Print the public key that receipts are signed with, for `collector.public_key` in a policy; made on first use.
    Key(Data),
    /// Publish policies and list them; works while the collector runs.
    #[command(subcommand)]
    Policy(PolicyCommand),
    /// Manage accounts; works while the collector runs.
    #[command(subcommand)]
    Account(AccountCommand),
}

#[derive(Args)]
struct Data {
    /// The data folder: the key, the journal and the columns.
    #[arg(long, value_name = "DIR", env = "CANDOR_DATA")]
    data: PathBuf,
}

#[derive(Args)]
struct Serve {
    #[command(flatten)]
    data: Data,
    /// A configuration file; what stands on the command line goes before it.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The address to listen on.
    #[arg(long, value_name = "ADDRESS", help = format!("The address to listen on [default: {DEFAULT_LISTEN}]"))]
    listen: Option<SocketAddr>,
    /// The address that browsers and installations use, where it is another.
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
}

#[derive(Subcommand)]
enum PolicyCommand {
    /// Publish a manifest; a version, once published, never changes.
    Publish {
        /// The manifest.
        file: PathBuf,
        #[command(flatten)]
        data: Data,
    },
    /// List what is published.
    List(Data),
}

#[derive(Subcommand)]
enum AccountCommand {
    /// Print a one-time link that makes an administrator's account.
    Link {
        #[command(flatten)]
        data: Data,
        /// The collector's address.
        #[arg(long, value_name = "URL", default_value_t = format!("http://{DEFAULT_LISTEN}"))]
        url: String,
    },
}

fn main() -> anyhow::Result<()> {
    let cli = Cli::parse();
    log_to_stderr(cli.log_json);
    data_folder::make_files_private();
    let runtime = tokio::runtime::Runtime::new().context("the runtime cannot be started")?;
    runtime.block_on(async {
        match cli.command {
            Command::Serve(arguments) => run(arguments).await,
            Command::Key(Data { data }) => print_key(&data),
            Command::Policy(PolicyCommand::Publish { file, data }) => publish_policy(&file, &data.data).await,
            Command::Policy(PolicyCommand::List(Data { data })) => list_policies(&data).await,
            Command::Account(AccountCommand::Link { data, url }) => print_link(&data.data, &url).await,
        }
    })
}

fn log_to_stderr(json: bool) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info,sqlx=warn"));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if json { log.json().init() } else { log.init() }
}

async fn run(arguments: Serve) -> anyhow::Result<()> {
    let file = arguments.config.map_or_else(|| Ok(ConfigFile::default()), |path| ConfigFile::read(&path))?;
    let overrides = Overrides { listen: arguments.listen, public_url: arguments.public_url };
    let config = Config::new(file, overrides)?;
    let mut running = serve::start(&arguments.data.data, config, clock()).await?;
    println!("Listening on {}", running.url);
    if let Some(link) = &running.setup_link {
        println!("Create the first account: {link}");
    }
    let ended = tokio::select! {
        ended = running.ended() => ended,
        () = asked_to_stop() => Ok(()),
    };
    running.stop().await;
    ended
}

/// Ctrl-C, or the service manager.
async fn asked_to_stop() {
    let interrupted = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    let terminated = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let terminated = std::future::pending::<()>();
    tokio::select! { () = interrupted => {}, () = terminated => {} }
}

fn print_key(data: &std::path::Path) -> anyhow::Result<()> {
    data_folder::prepare(data)?;
    println!("{}", key_file::public_key(&key_file::read_or_create(data)?));
    Ok(())
}

async fn publish_policy(file: &std::path::Path, data: &std::path::Path) -> anyhow::Result<()> {
    let manifest =
        std::fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?;
    data_folder::prepare(data)?;
    let key = key_file::read_or_create(data)?;
    let store = ControlStore::open(data, clock()).await?;
    let (policy, publishing) = publish::publish(&store, &key, &*clock(), &manifest)
        .await
        .with_context(|| format!("{}", file.display()))?;
    store.close().await;
    let done = match publishing {
        Publishing::Published => "Published",
        Publishing::AlreadyPublished => "Already published:",
    };
    println!("{done} {} {} ({})", policy.id, policy.version, policy.digest.short());
    Ok(())
}

async fn list_policies(data: &std::path::Path) -> anyhow::Result<()> {
    let store = ControlStore::open(data, clock()).await?;
    for policy in store.policies().list().await? {
        println!(
            "{} {} ({}) published {}",
            policy.id,
            policy.version,
            policy.digest.short(),
            policy.published_at
        );
    }
    store.close().await;
    Ok(())
}

async fn print_link(data: &std::path::Path, url: &str) -> anyhow::Result<()> {
    let store = ControlStore::open(data, clock()).await?;
    let link = new_link(store.accounts(), store.audit(), &*clock(), url.trim_end_matches('/')).await?;
    store.close().await;
    println!("{link}");
    Ok(())
}

fn clock() -> Arc<dyn Clock> {
    Arc::new(SystemClock)
}
