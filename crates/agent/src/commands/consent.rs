//! `candor consent`: what an installer's box, a utility or an administrator decides, and where that stands.

use std::collections::BTreeSet;
use std::io::Write;

use candor_policy::{CategoryId, ConsentState, Scope};
use candor_sdk::Error;
use candor_sdk::consent::{ConsentStatus, Entry};
use clap::{Args, Subcommand};
use serde::Serialize;

use crate::exit::Exit;
use crate::failure::BadInput;
use crate::say::say;
use crate::session::Session;

/// What to do about consent.
#[derive(Clone, Debug, Subcommand)]
pub enum ConsentCommand {
    /// Say where consent stands, who decided, and what overrides it.
    Show,
    /// Allow collection, as a whole or for some categories, under the policy as it is today.
    Grant {
        /// A category to allow; may be repeated. Without it, all of the policy's.
        #[arg(long = "category", value_name = "CATEGORY")]
        categories: Vec<String>,
        /// Who decides.
        #[command(flatten)]
        actor: Actor,
    },
    /// Stop collection: nothing is gathered from now on, and what waits never leaves.
    Deny {
        /// Who decides.
        #[command(flatten)]
        actor: Actor,
    },
    /// Record what the policy's mode says where nobody can be asked, such as a silent installation. A decision already taken
    /// stands; an opt-in policy has no default.
    Default {
        /// Who records it.
        #[command(flatten)]
        actor: Actor,
    },
}

/// Who decides.
#[derive(Clone, Debug, Args)]
pub struct Actor {
    /// Who decides, for the ledger; the user's name where it is not given.
    #[arg(long, env = "CANDOR_ACTOR", value_name = "NAME")]
    actor: Option<String>,
}

impl Actor {
    fn name(&self) -> String {
        // Scripts write `--actor "$USER"`, also where there is no such variable.
        let user = || ["USER", "LOGNAME", "USERNAME"].iter().find_map(|name| std::env::var(name).ok());
        let is_name = |name: &String| !name.trim().is_empty();
        let name = self.actor.clone().filter(is_name).or_else(|| user().filter(is_name));
        name.unwrap_or_else(|| "an unnamed user".to_owned())
    }
}

/// Where consent stands; what `--json` prints.
#[derive(Debug, Serialize)]
struct Shown {
    state: ConsentState,
    allowed: bool,
    policy: String,
    policy_version: String,
    /// The folder whose consent this is.
    state_folder: String,
    /// Where reports go.
    collector_url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    decision: Option<Entry>,
    /// Categories that are gathered now.
    categories: Vec<String>,
    /// Metrics that wait to be accepted.
    held: Vec<String>,
    /// Categories that the machine's settings refuse.
    refused: Vec<String>,
    /// What stands against collection.
    causes: Vec<String>,
}

/// Runs the command.
///
/// # Errors
/// Where the ledger cannot be read or written, or the scope does not fit the policy.
pub fn run(session: &Session, command: &ConsentCommand, out: &mut dyn Write) -> anyhow::Result<u8> {
    let site = &session.site;
    let decided = match command {
        ConsentCommand::Show => None,
        ConsentCommand::Grant { categories, actor } => {
            Some(site.grant(scope(session, categories)?, &actor.name())?)
        }
        // The answer then shows the consent, which is a denial.
        ConsentCommand::Deny { actor } => match site.deny(&actor.name()) {
            Err(unrecorded @ Error::Unrecorded { .. }) => {
                say(format_args!("candor: {unrecorded}"));
                None
            }
            denied => Some(denied?),
        },
        ConsentCommand::Default { actor } => site.record_default(&actor.name()).map_err(must_ask)?,
    };
    let status = site.consent()?;
    if session.json {
        writeln!(out, "{}", serde_json::to_string(&shown(session, &status))?)?;
    } else if let Some(entry) = decided {
        print_decision(session, &entry, &status, out)?;
    } else {
        print_status(session, &status, out)?;
    }
    Ok(Exit::Done.code())
}

fn must_ask(error: Error) -> anyhow::Error {
    match error {
        Error::MustAsk => {
            BadInput::error(format!("{error}; ask, then record `candor consent grant` or `deny`"))
        }
        error => error.into(),
    }
}

fn scope(session: &Session, names: &[String]) -> anyhow::Result<Scope> {
    if names.is_empty() {
        return Ok(Scope::All);
    }
    let known = &session.site.policy().categories;
    let mut categories = BTreeSet::new();
    for name in names {
        let category = CategoryId::parse(name).filter(|id| known.iter().any(|category| category.id == *id));
        categories.insert(category.ok_or_else(|| {
            let known: Vec<&str> = known.iter().map(|category| category.id.as_str()).collect();
            BadInput::error(format!("the policy has no category `{name}`; it has: {}", known.join(", ")))
        })?);
    }
    Ok(Scope::Categories(categories))
}

fn shown(session: &Session, status: &ConsentStatus) -> Shown {
    let policy = session.site.policy();
    let covered = |id: &CategoryId| status.grant.as_ref().is_some_and(|grant| grant.scope.covers(id));
    let categories = policy.categories.iter().map(|category| &category.id).filter(|id| covered(id));
    Shown {
        state: status.state,
        allowed: status.grant.is_some(),
        policy: policy.id.to_string(),
        policy_version: policy.version.clone(),
        state_folder: session.site.state_folder().display().to_string(),
        collector_url: session.site.collector_url(),
        decision: status.decision.clone(),
        categories: categories.map(ToString::to_string).collect(),
        held: status.held.iter().map(ToString::to_string).collect(),
        refused: status.refused.iter().map(ToString::to_string).collect(),
        causes: status.causes.iter().map(ToString::to_string).collect(),
    }
}

fn print_decision(
    session: &Session,
    entry: &Entry,
    status: &ConsentStatus,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    match entry.decision.state {
        ConsentState::Granted => {
            writeln!(out, "Granted: {} may be gathered and sent.", scope_words(&entry.decision.scope))?
        }
        ConsentState::Denied | ConsentState::NotAsked => {
            writeln!(out, "Denied: nothing is gathered or sent from now on, by any source of this site.")?
        }
    }
    for cause in status.causes.iter().filter(|_| entry.decision.state == ConsentState::Granted) {
        writeln!(out, "All the same nothing is gathered: {cause}; {}.", cause.remedy())?;
    }
    print_state_folder(session, out)?;
    writeln!(out, "See the state: candor consent show")?;
    Ok(())
}

/// A decision counts for the sources of one state folder; one that was not named may be another than the product's.
fn print_state_folder(session: &Session, out: &mut dyn Write) -> anyhow::Result<()> {
    writeln!(out, "  kept in  {}", session.site.state_folder().display())?;
    if !session.is_state_named {
        writeln!(
            out,
            "           this user's usual folder; a product that keeps its own does not look there: name it, --state DIR"
        )?;
    }
    Ok(())
}

fn print_status(session: &Session, status: &ConsentStatus, out: &mut dyn Write) -> anyhow::Result<()> {
    let policy = session.site.policy();
    let state = match (status.grant.is_some(), status.state) {
        (true, _) => "granted",
        (false, ConsentState::Granted) => "granted, and overridden",
        (false, ConsentState::Denied) => "denied",
        (false, ConsentState::NotAsked) => "not asked",
    };
    writeln!(out, "{} {}: {state}.", policy.title, policy.version)?;
    if let Some(Entry { decision, .. }) = &status.decision {
        let covers = if decision.state == ConsentState::Granted {
            scope_words(&decision.scope)
        } else {
            "nothing".into()
        };
        writeln!(out, "  covers   {covers}")?;
        writeln!(out, "  decided  {:.0} by {}", decision.at, decision.actor)?;
        let same =
            if decision.policy.digest == policy.digest { "the policy of today" } else { "an earlier policy" };
        writeln!(out, "  under    version {}, {same}", decision.policy.version)?;
    }
    print_state_folder(session, out)?;
    let url = session.site.collector_url();
    if url != policy.collector.url {
        writeln!(
            out,
            "  sent to  {url}, by the machine's settings; the policy says {}",
            policy.collector.url
        )?;
    }
    for category in &status.refused {
        let slip = match policy.category(category.as_str()) {
            Some(_) => "",
            None => "; this policy has no such category, so check the spelling",
        };
        writeln!(out, "  refused  {category}, by the machine's settings{slip}")?;
    }
    if !status.held.is_empty() {
        let held: Vec<&str> = status.held.iter().map(|metric| metric.as_str()).collect();
        writeln!(out, "  held     {}: new or wider since then", held.join(", "))?;
        writeln!(out, "           read the policy, then accept them: candor consent grant")?;
    }
    for cause in &status.causes {
        writeln!(out, "  against  {cause}; {}", cause.remedy())?;
    }
    for (loss, number) in session.site.losses()? {
        writeln!(out, "  lost     {number}: {}", loss.meaning())?;
    }
    writeln!(
        out,
        "Decide: candor consent grant, or deny. See what waits: candor preview; what has left: candor log"
    )?;
    Ok(())
}

fn scope_words(scope: &Scope) -> String {
    match scope {
        Scope::All => "all categories of the policy".to_owned(),
        Scope::Categories(categories) => {
            categories.iter().map(|category| category.as_str()).collect::<Vec<_>>().join(", ")
        }
    }
}
