//! Looks at the dashboard as a member of staff would: chooses a password through the link, opens the pages, and holds
//! what they say against what was sent.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use ureq::http::Response;
use ureq::{Agent, Body};

use super::collector::Collector;

/// How long the dashboard may lag behind the last receipt.
const LAG: Duration = Duration::from_secs(10);
/// What every page must say, and where.
const PAGES: &[(&str, &str)] = &[
    ("/", "installations"),
    ("/platforms", "Operating"),
    ("/modules", "WKORDER"),
    ("/settings", "OPTIONS"),
    ("/customers?search=Happyville", "Town of Happyville"),
    ("/policies/lucity-data-collection", "Lucity Data Collection Program"),
];

/// Opens every page and checks that it shows the data.
///
/// # Errors
/// Names the page that does not, and what is missing on it.
pub fn dashboard(collector: &Collector, link: &str, installations: u32) -> Result<()> {
    let agent: Agent = Agent::config_builder().max_redirects(0).http_status_as_error(false).build().into();
    let visitor = sign_in(&agent, collector, link)?;
    for (path, wanted) in PAGES {
        let started = Instant::now();
        let address = format!("{}{path}", collector.address());
        while !visitor.read(&address)?.contains(wanted) {
            if started.elapsed() > LAG {
                bail!("{address} does not show \"{wanted}\"");
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        println!("      {address} shows \"{wanted}\"");
    }
    println!("      {installations} simulated installations and one real site are on the dashboard");
    Ok(())
}

/// A visitor with a session.
struct Visitor<'a> {
    agent: &'a Agent,
    cookie: String,
}

impl Visitor<'_> {
    fn read(&self, address: &str) -> Result<String> {
        let mut response = self.agent.get(address).header("Cookie", &self.cookie).call()?;
        if response.status() != 200 {
            bail!("{address} answers {}", response.status());
        }
        Ok(response.body_mut().read_to_string()?)
    }
}

/// Fills in the form behind the one-time link, as a browser would.
fn sign_in<'a>(agent: &'a Agent, collector: &Collector, link: &str) -> Result<Visitor<'a>> {
    let mut page = agent.get(link).call()?;
    let mut cookie = cookies(&page);
    let form = page.body_mut().read_to_string()?;
    let fields: Vec<(String, String)> = inputs(&form)
        .map(|(name, kind, value)| {
            let value = match kind.as_str() {
                "password" => "a demo's password, long enough",
                "email" => "staff@vendor.example",
                "hidden" => value.as_str(),
                _ => "staff",
            };
            (name, value.to_owned())
        })
        .collect();
    let action = attribute(form.split("<form").nth(1).context("the link shows no form")?, "action");
    let address = format!("{}{}", collector.address(), action.as_deref().unwrap_or("/setup"));
    let mut request = agent.post(&address);
    if !cookie.is_empty() {
        request = request.header("Cookie", &cookie);
    }
    let answer = request.send_form(fields)?;
    if !answer.status().is_redirection() {
        bail!("the first account could not be made: {address} answers {}", answer.status());
    }
    let fresh = cookies(&answer);
    if !fresh.is_empty() {
        cookie = fresh;
    }
    Ok(Visitor { agent, cookie })
}

fn cookies(response: &Response<Body>) -> String {
    let set = response.headers().get_all("set-cookie").iter().filter_map(|value| value.to_str().ok());
    set.filter_map(|value| value.split(';').next()).collect::<Vec<_>>().join("; ")
}

/// A form's inputs: name, type and value.
fn inputs(form: &str) -> impl Iterator<Item = (String, String, String)> {
    form.split("<input").skip(1).filter_map(|rest| {
        let tag = rest.split('>').next()?;
        let value = attribute(tag, "value").unwrap_or_default();
        Some((attribute(tag, "name")?, attribute(tag, "type").unwrap_or_default(), value))
    })
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let value = tag.split('>').next()?.split(&format!(" {name}=\"")).nth(1)?;
    Some(value.split('"').next()?.to_owned())
}
