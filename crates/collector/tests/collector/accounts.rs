//! Accounts: the one-time link, signing in, the audit log.

use std::sync::Arc;

use candor_collector::accounts::{
    Credentials, JournalSessions, SetupFault, SignInFault, new_link, session_layer, sign_in, use_link,
};
use candor_collector::store::{Action, ControlStore};
use candor_web::ClientAddress;
use jiff::SignedDuration;
use tower_sessions::Session;

use crate::support::{Browser, TestApp};

/// A browser's session, before anybody signs in.
fn session(app: &TestApp) -> Session {
    let _layer = session_layer(&app.state().access);
    Session::new(None, Arc::new(JournalSessions::new(&app.state().access)), None)
}

fn from(address: &str) -> ClientAddress {
    ClientAddress(Some(address.parse().unwrap()))
}

/// What a guesser sends; too long to be hashed, so that a test can send many.
fn guess(number: u32) -> Credentials {
    Credentials { name: format!("guess {number}"), password: "x".repeat(2_000) }
}

fn credentials(password: &str) -> Credentials {
    Credentials { name: "Ada".into(), password: password.into() }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_link_makes_one_account() {
    let mut app = TestApp::start().await;
    let form = app.setup_form();
    let mut short = form.clone();
    short.password = "short".into();
    let fault = use_link(&app.state().access, &session(&app), short).await.unwrap_err();
    assert!(matches!(fault, SetupFault::PasswordNotValid(_)), "{fault}");
    let account = use_link(&app.state().access, &session(&app), form.clone()).await.unwrap();
    assert_eq!((account.name.as_str(), account.role.word()), ("ada", "administrator"));
    let fault = use_link(&app.state().access, &session(&app), form).await.unwrap_err();
    assert!(matches!(fault, SetupFault::LinkNotValid), "a link is good for one account");
    app.stop().await;
    app.resume().await;
    assert!(app.running().setup_link.is_none(), "there is an account now");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_ends_with_its_time_and_with_the_next() {
    let app = TestApp::start().await;
    let first = app.setup_form();
    let store = ControlStore::open(app.folder()).await.unwrap();
    let link = new_link(store.accounts(), &*app.clock, "http://x", None).await.unwrap();
    store.close().await;
    let fault = use_link(&app.state().access, &session(&app), first.clone()).await.unwrap_err();
    assert!(matches!(fault, SetupFault::LinkNotValid));
    app.clock.advance(SignedDuration::from_hours(25));
    let late =
        candor_collector::accounts::SetupForm { token: link.split_once('=').unwrap().1.into(), ..first };
    let fault = use_link(&app.state().access, &session(&app), late).await.unwrap_err();
    assert!(matches!(fault, SetupFault::LinkNotValid));
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_in_needs_the_password_and_every_attempt_is_logged() {
    let app = TestApp::start().await;
    use_link(&app.state().access, &session(&app), app.setup_form()).await.unwrap();
    let wrong = sign_in(&app.state().access, &session(&app), credentials("wrong"), ClientAddress(None))
        .await
        .unwrap_err();
    assert!(matches!(wrong, SignInFault::WrongNameOrPassword));
    let browser = session(&app);
    sign_in(&app.state().access, &browser, credentials("correct horse battery"), from("203.0.113.7"))
        .await
        .unwrap();
    browser.save().await.unwrap();

    // The session's name itself is nowhere on disk.
    let name = browser.id().unwrap().to_string();
    for (path, bytes) in app.bytes_on_disk() {
        assert!(!bytes.windows(name.len()).any(|window| window == name.as_bytes()), "{}", path.display());
        assert!(!bytes.windows(20).any(|window| window == b"correct horse batter"), "{}", path.display());
    }
    let actions: Vec<_> =
        app.store().audit().newest(10).await.unwrap().into_iter().map(|entry| entry.action).collect();
    assert_eq!(actions, ["signed-in", "sign-in-failed", "account-created", "link-created"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn guessing_is_slowed_down() {
    let app = TestApp::start().await;
    use_link(&app.state().access, &session(&app), app.setup_form()).await.unwrap();
    for _ in 0..10 {
        let fault = sign_in(&app.state().access, &session(&app), credentials("wrong"), ClientAddress(None))
            .await
            .unwrap_err();
        assert!(matches!(fault, SignInFault::WrongNameOrPassword), "{fault}");
    }
    let right = || credentials("correct horse battery");
    let fault = sign_in(&app.state().access, &session(&app), right(), ClientAddress(None)).await.unwrap_err();
    assert!(matches!(fault, SignInFault::TooOften(_)), "{fault}");
    // From elsewhere the owner of the name still gets in.
    sign_in(&app.state().access, &session(&app), right(), from("203.0.113.7")).await.unwrap();
    app.clock.advance(SignedDuration::from_mins(2));
    sign_in(&app.state().access, &session(&app), right(), ClientAddress(None)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn one_address_cannot_keep_the_others_from_signing_in() {
    let app = TestApp::start().await;
    use_link(&app.state().access, &session(&app), app.setup_form()).await.unwrap();
    let mut faults = Vec::new();
    // Within one IPv6 network of a customer, an address is as good as the next.
    for number in 0..200 {
        let address = from(&format!("2001:db8:1:2::{number:x}"));
        faults.push(sign_in(&app.state().access, &session(&app), guess(number), address).await.unwrap_err());
    }
    assert!(matches!(faults[59], SignInFault::WrongNameOrPassword), "{}", faults[59]);
    assert!(matches!(faults[60], SignInFault::TooOften(_)), "{}", faults[60]);
    let right = credentials("correct horse battery");
    sign_in(&app.state().access, &session(&app), right, from("2001:db8:1:3::1")).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn law_8_failed_sign_ins_are_all_seen_and_do_not_fill_the_log() {
    let mut app = TestApp::start().await;
    let browser = Browser::signed_in(&app).await;
    let guesses = async |app: &TestApp| {
        for number in 0..300 {
            let address = from(&format!("198.51.{}.{}", number / 200, number % 200));
            sign_in(&app.state().access, &session(app), guess(number), address).await.unwrap_err();
        }
    };
    let failed = async |app: &TestApp| {
        let entries = app.store().audit().newest(1_000).await.unwrap();
        let failed = entries.into_iter().filter(|entry| entry.action == Action::SignInFailed.word());
        failed.map(|entry| (entry.actor, entry.subject)).collect::<Vec<_>>()
    };
    guesses(&app).await;
    assert_eq!(failed(&app).await.len(), 100, "the first ones are told one by one");
    browser.open("/audit").await.shows(&["200 more with a wrong name or password"]);
    assert_eq!(failed(&app).await.len(), 101);

    // Those that nobody has looked for are in the log when the collector stops.
    for number in 0..70 {
        let _refused = sign_in(&app.state().access, &session(&app), guess(number), from("203.0.113.7")).await;
    }
    app.stop().await;
    app.resume().await;
    let newest = failed(&app).await.remove(0);
    let sum = "since 2026-05-15 12:00:00: 60 more with a wrong name or password, 10 not looked at because too many came";
    assert_eq!((newest.0.as_str(), newest.1.as_str()), ("not signed in", sum));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_ends_with_its_time() {
    let app = TestApp::start().await;
    let browser = session(&app);
    use_link(&app.state().access, &browser, app.setup_form()).await.unwrap();
    browser.save().await.unwrap();
    let later = || Session::new(browser.id(), Arc::new(JournalSessions::new(&app.state().access)), None);
    assert!(later().get::<i64>("account").await.unwrap().is_some());
    app.clock.advance(SignedDuration::from_hours(13));
    assert!(later().get::<i64>("account").await.unwrap().is_none());
}

/// Runs `candor-collector account …` beside the running collector; what it says, and whether it did it.
fn account_command(app: &TestApp, words: &[&str]) -> (String, bool) {
    command(app, &[&["account"], words].concat())
}

fn command(app: &TestApp, words: &[&str]) -> (String, bool) {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_candor-collector"));
    let ran = command.args(words).arg("--data").arg(app.folder()).output().unwrap();
    let said = [ran.stdout, ran.stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat();
    (said, ran.status.success())
}

/// A browser in which another administrator's account was made.
async fn colleague(app: &TestApp, name: &str) -> Browser {
    let link = new_link(app.store().accounts(), &*app.clock, "", None).await.unwrap();
    let form =
        [("token", link.split_once('=').unwrap().1), ("name", name), ("password", "correct horse battery")];
    let browser = Browser::new(app);
    assert_eq!(browser.send("/setup", &form).await.path, "/");
    browser
}

async fn sign_in_page(browser: &Browser, name: &str, password: &str) -> u16 {
    browser.send("/login", &[("name", name), ("password", password), ("next", "/account")]).await.status
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_password_is_replaced_through_a_link() {
    let app = TestApp::start().await;
    let ada = Browser::signed_in(&app).await;
    let (link, done) = account_command(&app, &["reset", "ADA"]);
    assert!(done, "{link}");
    let token = link.trim().split_once("token=").unwrap().1.to_owned();
    let other = Browser::new(&app);
    let page = other.open(&format!("/setup?token={token}")).await;
    page.shows(&["Choose a new password", "For ada."]);
    let short = other.send("/setup", &[("token", &*token), ("password", "short")]).await;
    assert_eq!(short.status, 422);
    short.shows(&["Nothing was changed: a password has at least 12 characters"]);
    let set = other.send("/setup", &[("token", &*token), ("password", "teal otter bakes 9 maps")]).await;
    assert_eq!((set.status, set.path.as_str()), (200, "/"), "{}", set.text);
    assert!(ada.open("/customers").await.path.starts_with("/login"), "whoever was signed in is out");
    assert_eq!(sign_in_page(&ada, "ada", "correct horse battery").await, 422);
    assert_eq!(sign_in_page(&ada, "ada", "teal otter bakes 9 maps").await, 200);
    assert_eq!(other.open(&format!("/setup?token={token}")).await.status, 410, "a link is good once");
    other
        .open("/audit")
        .await
        .shows(&["reset a password", "one-time link for a new password of account ada"]);
    let (said, done) = account_command(&app, &["reset", "nobody"]);
    assert!(!done && said.contains("there is no account `nobody`"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_changes_their_own_password_and_signs_out_everywhere() {
    let app = TestApp::start().await;
    let ada = Browser::signed_in(&app).await;
    let elsewhere = Browser::new(&app);
    assert_eq!(sign_in_page(&elsewhere, "ada", "correct horse battery").await, 200);
    let csrf = ada.open("/account").await.hidden("csrf");
    let change = async |browser: &Browser, csrf: &str, present: &str, new: &str| {
        browser.send("/account/password", &[("csrf", csrf), ("present", present), ("new", new)]).await
    };
    let wrong = change(&ada, &csrf, "wrong", "teal otter bakes 9 maps").await;
    assert_eq!(wrong.status, 422);
    wrong.shows(&["The password was not changed: the present password is wrong."]);
    let common = change(&ada, &csrf, "correct horse battery", "password12345").await;
    common.shows(&["The password was not changed: this password is easy to guess"]);
    let forged = change(&ada, "forged", "correct horse battery", "teal otter bakes 9 maps").await;
    assert_eq!(forged.status, 403);
    assert_eq!(elsewhere.open("/customers").await.path, "/customers", "nothing has changed yet");

    let changed = change(&ada, &csrf, "correct horse battery", "teal otter bakes 9 maps").await;
    changed.shows(&["The password was changed."]);
    assert!(elsewhere.open("/customers").await.path.starts_with("/login"), "every other browser is out");
    assert_eq!(ada.open("/customers").await.path, "/customers");
    assert_eq!(sign_in_page(&elsewhere, "ada", "teal otter bakes 9 maps").await, 200);

    let csrf = ada.open("/account").await.hidden("csrf");
    assert_eq!(ada.send("/account/sessions", &[("csrf", &csrf)]).await.path, "/login");
    for browser in [&ada, &elsewhere] {
        assert!(browser.open("/customers").await.path.starts_with("/login"));
    }
    assert_eq!(sign_in_page(&ada, "ada", "teal otter bakes 9 maps").await, 200);
    ada.open("/audit").await.shows(&["changed a password", "everywhere: 2 sessions"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_account_has_a_name_that_looks_like_anothers() {
    let app = TestApp::start().await;
    let _ada = Browser::signed_in(&app).await;
    let link = new_link(app.store().accounts(), &*app.clock, "", None).await.unwrap();
    let token = link.split_once('=').unwrap().1;
    let browser = Browser::new(&app);
    // The same in capitals, in Cyrillic and with a mark that cannot be seen.
    for name in ["ADA", "\u{430}d\u{430}", "a\u{200b}da"] {
        let form = [("token", token), ("name", name), ("password", "correct horse battery")];
        assert_eq!(browser.send("/setup", &form).await.status, 422, "{name:?}");
    }
    let form = [("token", token), ("name", "bob"), ("password", "correct horse battery")];
    assert_eq!(browser.send("/setup", &form).await.path, "/");
}

#[tokio::test(flavor = "multi_thread")]
async fn guesses_from_many_addresses_are_slowed_down_and_the_owner_still_gets_in() {
    let app = TestApp::start().await;
    use_link(&app.state().access, &session(&app), app.setup_form()).await.unwrap();
    let access = &app.state().access;
    let right = || credentials("correct horse battery");
    sign_in(access, &session(&app), right(), from("203.0.113.7")).await.unwrap();
    let guess = || Credentials { name: "Ada".into(), password: "x".repeat(2_000) };
    let mut faults = Vec::new();
    for number in 0..40 {
        let address = from(&format!("198.51.100.{number}"));
        faults.push(sign_in(access, &session(&app), guess(), address).await.unwrap_err());
    }
    let slowed = faults.iter().filter(|fault| matches!(fault, SignInFault::TooOften(_))).count();
    assert!((10..=11).contains(&slowed), "{slowed}");
    sign_in(access, &session(&app), right(), from("203.0.113.7")).await.unwrap();
    let stranger = sign_in(access, &session(&app), right(), from("192.0.2.1")).await.unwrap_err();
    assert!(matches!(stranger, SignInFault::TooOften(_)), "{stranger}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_is_empty_says_what_to_do() {
    let app = TestApp::start().await;
    let (said, done) = account_command(&app, &["list"]);
    assert!(done && said.contains("account link --data"), "{said}");
    let (said, done) = command(&app, &["policy", "list"]);
    assert!(done && said.contains("policy publish FILE --data"), "{said}");
    assert_eq!(account_command(&app, &["list", "--json"]), ("[]\n".to_owned(), true));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removed_account_is_out_at_once_and_the_last_one_stays() {
    let app = TestApp::start().await;
    let ada = Browser::signed_in(&app).await;
    let bob = colleague(&app, "bob").await;
    assert_eq!(bob.open("/customers").await.path, "/customers");
    let (listed, _) = account_command(&app, &["list", "--json"]);
    let listed: serde_json::Value = serde_json::from_str(&listed).unwrap();
    assert_eq!((&listed[0]["name"], &listed[1]["name"]), (&"ada".into(), &"bob".into()));

    let open_link = new_link(app.store().accounts(), &*app.clock, "", None).await.unwrap();
    let (said, done) = account_command(&app, &["remove", "Bob"]);
    assert!(done && said.contains("Removed bob; sessions ended: 1."), "{said}");
    assert!(bob.open("/customers").await.path.starts_with("/login"), "the session ended");
    assert_eq!(bob.open(&open_link).await.status, 410, "a link that bob may have is void");
    let form = [("name", "bob"), ("password", "correct horse battery"), ("next", "/")];
    assert_eq!(bob.send("/login", &form).await.status, 422);
    assert_eq!(ada.open("/customers").await.path, "/customers", "nobody else is out");
    ada.open("/audit").await.shows(&["removed an account", "account bob (administrator)"]);

    // Whoever comes after bob is not bob: not to a session of his that was being opened meanwhile, either.
    let number = async |name: &str| app.store().accounts().named(name).await.unwrap().unwrap().0.number;
    drop(colleague(&app, "carol").await);
    assert_eq!(
        (number("ada").await, number("carol").await),
        (1, 3),
        "the number 2 was bob's and is nobody's"
    );

    assert!(account_command(&app, &["remove", "carol"]).1);
    let (said, done) = account_command(&app, &["remove", "ada"]);
    assert!(!done && said.contains("is the only account") && said.contains("account link --data"), "{said}");
    let (said, done) = account_command(&app, &["remove", "nobody"]);
    assert!(!done && said.contains("there is no account `nobody`"), "{said}");
    assert_eq!(ada.open("/customers").await.path, "/customers");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_journal_of_a_later_version_is_refused() {
    let mut app = TestApp::start().await;
    app.stop().await;
    app.journal().execute_batch("INSERT INTO schema_migrations VALUES (99)").unwrap();
    let opened = ControlStore::open(app.folder()).await;
    let message = opened.err().expect("it is refused").to_string();
    assert!(message.contains("not one that this version knows"), "{message}");
}
