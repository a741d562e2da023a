//! `diff`: two manifests in, what widened, narrowed or was only reworded out.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use candor_policy::diff::diff;
use insta::assert_snapshot;

use support::{EVERYTHING, everything, read};

/// What changes where passages of the policy are replaced.
fn check(replaced: &[(&str, &str)]) -> String {
    let mut manifest = EVERYTHING.replacen("version = \"1.0\"", "version = \"1.1\"", 1);
    for (from, to) in replaced {
        assert!(manifest.contains(from), "{from}");
        manifest = manifest.replacen(from, to, 1);
    }
    diff(&everything(), &read(&manifest)).to_text()
}

#[test]
fn nothing() {
    assert_snapshot!(check(&[]));
}

#[test]
fn what_widens() {
    assert_snapshot!(check(&[
        ("values = [\"stable\", \"beta\"]", "values = [\"stable\", \"beta\", \"nightly\"]"),
        ("max_length = 20", "max_length = 40"),
        ("max = 4096", "max = 8192"),
        ("tables = [\"WKORDER\", \"SW*\"]", "tables = [\"WKORDER\", \"SW*\", \"ST*\"]"),
        ("since = \"1.0 SP1\"", "since = \"1.0\""),
        ("until = \"1.0 SP1\"", "until = \"2.0\""),
        ("except = [\"License Code\"]", "except = [\"Something Else\"]"),
        ("\"SMTP Server\" = \"in-use\"", "\"SMTP Server\" = \"hash\""),
        (
            "columns = { model = \"DEVICE_MODEL\"",
            "columns = { maker = \"DEVICE_MAKER\", model = \"DEVICE_MODEL\""
        ),
        ("values = [\"search\", \"export\"]", "pattern = \"[a-z]+\"\nmax_length = 20"),
        (
            "steps = [\"opened\", \"filled\", \"sent\"]",
            "steps = [\"opened\", \"filled\", \"paid\", \"sent\"]"
        ),
        ("form = \"truncated\"", "form = \"whole\""),
        (
            "sensitivity = \"operational\"\nsources = [\"installer\", \"batch\"]\nretention_months = 12",
            "sensitivity = \"identifying\"\nsources = [\"installer\", \"batch\"]\nretention_months = 36"
        ),
    ]));
}

#[test]
fn what_narrows() {
    assert_snapshot!(check(&[
        ("values = [\"stable\", \"beta\"]", "values = [\"stable\"]"),
        ("min = 0", "min = 1"),
        ("tables = [\"WKORDER\", \"SW*\"]", "tables = [\"WKORDER\", \"SWPIPE\"]"),
        ("since = \"1.0 SP1\"", "since = \"2.0\""),
        ("except = [\"License Code\"]", "except = [\"License Code\", \"Seats\"]"),
        ("\"Site\" = \"hash\", ", "\"Site\" = \"omit\", "),
        ("retention_months = 24", "retention_months = 12"),
        ("consent = \"opt-out\"", "consent = \"opt-in\""),
    ]));
}

#[test]
fn a_strict_metric_that_is_strict_no_longer_widens() {
    assert_snapshot!(check(&[("strict = true\nharmless = [\"Bluebird\", \"Type 7\"]\n", "")]));
}

#[test]
fn one_harmless_value_more_widens_and_one_less_narrows() {
    assert_snapshot!(check(&[(
        "harmless = [\"Bluebird\", \"Type 7\"]",
        "harmless = [\"Bluebird\", \"Type 8\"]"
    )]));
}

#[test]
fn a_metric_that_becomes_strict_narrows() {
    assert_snapshot!(check(&[("except = [\"License Code\"]", "except = [\"License Code\"]\nstrict = true")]));
}

#[test]
fn what_is_only_reworded() {
    assert_snapshot!(check(&[
        ("title = \"Everything\"", "title = \"Everything there is\""),
        ("description = \"Its name and version.\"", "description = \"The system's name and version.\""),
        ("owner = \"Platform team\"", "owner = \"Platforms\""),
        ("releases = [\"1.0\", \"1.0 SP1\", \"2.0\"]", "releases = [\"1.0\", \"1.0 SP1\", \"2.0\", \"3.0\"]"),
        ("title = \"Monthly batch\"", "title = \"Batch\""),
    ]));
}

#[test]
fn a_new_reader_or_address_concerns_every_metric() {
    let manifest = EVERYTHING
        .replacen("version = \"1.0\"", "version = \"1.1\"", 1)
        .replacen("readers = [\"Support staff.\"]", "readers = [\"Support staff.\", \"Sales.\"]", 1)
        .replacen("https://collector.acme.example", "https://collector.other.example", 1);
    let difference = diff(&everything(), &read(&manifest));
    assert_eq!(difference.needs_consent.len(), everything().metrics.len());
    assert_snapshot!(difference.to_markdown());
}

#[test]
fn a_new_source_purpose_or_application_concerns_its_metrics() {
    let source = "[sources.portal]\nkind = \"app\"\ntitle = \"Portal\"\napplications = [\"Acme Portal\"]\nschedule = \"daily\"\n\
                  [purposes.sales]\ntitle = \"Sales\"\ndescription = \"We call you.\"\n\n[metrics.application]";
    assert_snapshot!(check(&[
        ("[metrics.application]", source),
        ("sources = [\"installer\", \"batch\"]", "sources = [\"installer\", \"batch\", \"portal\"]"),
        ("purposes = [\"platforms\"]", "purposes = [\"platforms\", \"sales\"]"),
        ("[metrics.version]", "[metrics.nothing]"),
        (
            "applications = [\"Acme Web\", \"Acme Desktop\"]",
            "applications = [\"Acme Web\", \"Acme Desktop\", \"Acme Mobile\"]"
        ),
        (
            "category = \"environment\"\npurposes = [\"platforms\"]\nowner = \"Platform team\"\nsensitivity = \"technical\"\nsources = [\"installer\", \"batch\"]",
            "category = \"use\"\npurposes = [\"platforms\"]\nowner = \"Platform team\"\nsensitivity = \"technical\"\nsources = [\"installer\", \"batch\", \"portal\"]"
        ),
    ]));
}

#[test]
fn another_order_of_releases_moves_what_they_bound() {
    let order = ["releases = [\"1.0\", \"1.0 SP1\", \"2.0\"]", "releases = [\"1.0 SP1\", \"1.0\", \"2.0\"]"];
    assert_snapshot!(check(&[(order[0], order[1])]));
    let reordered = EVERYTHING.replacen("version = \"1.0\"", "version = \"1.1\"", 1);
    let reordered = read(&reordered.replacen(order[0], order[1], 1));
    let asks: Vec<_> = diff(&everything(), &reordered).needs_consent.into_iter().collect();
    assert_eq!(asks.iter().map(|id| id.as_str()).collect::<Vec<_>>(), ["records"]);
}

#[test]
fn only_what_widens_asks_again() {
    let narrowed =
        EVERYTHING.replacen("version = \"1.0\"", "version = \"1.1\"", 1).replacen("max = 4096", "max = 1", 1);
    let narrowed = read(&narrowed);
    assert!(diff(&everything(), &narrowed).needs_consent.is_empty());
    let back: Vec<_> = diff(&narrowed, &everything()).needs_consent.into_iter().collect();
    assert_eq!(back.iter().map(|id| id.as_str()).collect::<Vec<_>>(), ["memory"]);
}
