//! A member of the vendor's staff at the dashboard, without a browser: forms and pages over HTTP.

use std::collections::BTreeMap;
use std::time::Duration;

use ureq::http::Response;
use ureq::{Agent, Body};

use crate::house::{House, POLICY, said, text, within};

/// The pages that show data.
pub const PAGES: &[&str] = &["/", "/platforms", "/modules", "/settings", "/customers", "/audit"];

/// Far more pages than the tests' few installations have.
const MOST_PAGES: usize = 5_000;

/// How long a few reports may take to the columns.
const PROJECTION: Duration = Duration::from_secs(20);

/// Somebody with a session.
pub struct Staff {
    agent: Agent,
    address: String,
    cookies: BTreeMap<String, String>,
}

impl Staff {
    /// Makes the first account through the one-time link.
    pub fn sign_in(house: &House) -> Self {
        let link = house.collector_program(&["account", "link"]).output().expect("candor-collector starts");
        assert!(link.status.success(), "{}", said(&link));
        let link = text(&link.stdout);
        let path = &link[link.find("/setup?token=").expect("a link")..];
        let path = path.split_whitespace().next().expect("a path");
        let agent = Agent::config_builder().max_redirects(0).http_status_as_error(false).build().into();
        let mut staff = Self { agent, address: house.address(), cookies: BTreeMap::new() };
        let form = staff.get(path);
        staff.fill_in(&form, "/setup");
        assert!(staff.get("/").contains("</h1>"), "signed in");
        staff
    }

    /// A page's text.
    pub fn get(&mut self, path: &str) -> String {
        let request = self.agent.get(format!("{}{path}", self.address)).header("Cookie", self.cookie());
        let mut answer = request.call().expect("the collector answers");
        self.keep_cookies(&answer);
        assert_eq!(answer.status(), 200, "{path}");
        answer.body_mut().read_to_string().expect("text")
    }

    /// All that the dashboard shows: its pages, what they link to, and every figure as CSV and JSON. Fails where that does not
    /// come to an end: a search that stops half-way finds nothing and says so of the whole.
    pub fn everything(&mut self) -> Vec<(String, String)> {
        // Before that, a page may still show less than was sent, and link to what is gone a moment later.
        let all_arrived = || self.get("/metrics").lines().any(|line| line == "candor_batches_behind 0");
        assert!(within(PROJECTION, all_arrived), "the columns hold all that was sent");
        let mut shown = Vec::new();
        let mut paths: Vec<String> = PAGES.iter().map(|&path| path.to_owned()).collect();
        paths.push(format!("/policies/{POLICY}"));
        let mut next = 0;
        while next < paths.len() {
            assert!(next < MOST_PAGES, "{next} pages were read, and {} more are linked", paths.len() - next);
            let path = paths[next].clone();
            next += 1;
            let page = self.get(&path);
            for link in links(&page) {
                let data = PAGES.iter().any(|&known| known != "/" && link.starts_with(known))
                    || link.starts_with("/figures/");
                if data && !paths.contains(&link) {
                    paths.push(link);
                }
            }
            shown.push((path, page));
        }
        shown
    }

    /// Sends the first form of a page, with its hidden fields and plausible words in the others.
    fn fill_in(&mut self, page: &str, otherwise: &str) {
        let form = page.split("<form").nth(1).expect("a form").split("</form>").next().expect("a form's end");
        let action = attribute(form, "action").unwrap_or_else(|| otherwise.to_owned());
        let fields: Vec<(String, String)> = form
            .split("<input")
            .skip(1)
            .filter_map(|tag| {
                let value = match attribute(tag, "type").unwrap_or_default().as_str() {
                    "password" => "a password for the tests".to_owned(),
                    "hidden" => attribute(tag, "value").unwrap_or_default(),
                    "submit" => return None,
                    _ => "staff".to_owned(),
                };
                Some((attribute(tag, "name")?, value))
            })
            .collect();
        let request = self.agent.post(format!("{}{action}", self.address)).header("Cookie", self.cookie());
        let mut answer = request.send_form(fields).expect("the collector answers");
        self.keep_cookies(&answer);
        let status = answer.status();
        let words = answer.body_mut().read_to_string().unwrap_or_default();
        assert!(status.is_redirection(), "{action} answers {status}:\n{words}");
    }

    fn cookie(&self) -> String {
        self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }

    fn keep_cookies(&mut self, answer: &Response<Body>) {
        for cookie in answer.headers().get_all("set-cookie") {
            let cookie = cookie.to_str().expect("text").split(';').next().unwrap_or_default();
            if let Some((name, value)) = cookie.split_once('=') {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }
}

/// The addresses of a page's links.
fn links(page: &str) -> Vec<String> {
    let tags = page.split("<a ").skip(1);
    tags.filter_map(|tag| attribute(&format!("<a {tag}"), "href"))
        .map(|link| link.replace("&amp;", "&"))
        .collect()
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let tag = tag.split('>').next()?;
    let value = tag.split(&format!(" {name}=\"")).nth(1)?;
    Some(value.split('"').next()?.to_owned())
}
