//! Accounts: the one-time link, signing in, the audit log.

use std::sync::Arc;

use candor_collector::accounts::{
    Credentials, JournalSessions, SetupFault, SignInFault, create_account, new_link, session_layer, sign_in,
};
use candor_collector::store::{Action, Chain, ControlStore};
use candor_policy::Clock;
use jiff::SignedDuration;
use sqlx::{Connection, SqliteConnection};
use tower_sessions::Session;

use crate::support::TestApp;

/// A browser's session, before anybody signs in.
fn session(app: &TestApp) -> Session {
    let _layer = session_layer(app.state());
    Session::new(None, Arc::new(JournalSessions::new(app.state())), None)
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
    let fault = create_account(app.state(), &session(&app), short).await.unwrap_err();
    assert!(matches!(fault, SetupFault::PasswordNotValid), "{fault}");
    let account = create_account(app.state(), &session(&app), form.clone()).await.unwrap();
    assert_eq!((account.name.as_str(), account.role.word()), ("ada", "administrator"));
    let fault = create_account(app.state(), &session(&app), form).await.unwrap_err();
    assert!(matches!(fault, SetupFault::LinkNotValid), "a link is good for one account");
    app.stop().await;
    app.resume().await;
    assert!(app.running().setup_link.is_none(), "there is an account now");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_ends_with_its_time_and_with_the_next() {
    let app = TestApp::start().await;
    let first = app.setup_form();
    let store = ControlStore::open(app.folder(), app.clock.clone()).await.unwrap();
    let link = new_link(store.accounts(), store.audit(), &*app.clock, "http://x").await.unwrap();
    store.close().await;
    let fault = create_account(app.state(), &session(&app), first.clone()).await.unwrap_err();
    assert!(matches!(fault, SetupFault::LinkNotValid));
    app.clock.advance(SignedDuration::from_hours(25));
    let late =
        candor_collector::accounts::SetupForm { token: link.split_once('=').unwrap().1.into(), ..first };
    let fault = create_account(app.state(), &session(&app), late).await.unwrap_err();
    assert!(matches!(fault, SetupFault::LinkNotValid));
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_in_needs_the_password_and_every_attempt_is_logged() {
    let app = TestApp::start().await;
    create_account(app.state(), &session(&app), app.setup_form()).await.unwrap();
    let wrong = sign_in(app.state(), &session(&app), credentials("wrong"), None).await.unwrap_err();
    assert!(matches!(wrong, SignInFault::WrongNameOrPassword));
    let browser = session(&app);
    sign_in(app.state(), &browser, credentials("correct horse battery"), "203.0.113.7".parse().ok())
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
    create_account(app.state(), &session(&app), app.setup_form()).await.unwrap();
    for _ in 0..10 {
        let fault = sign_in(app.state(), &session(&app), credentials("wrong"), None).await.unwrap_err();
        assert!(matches!(fault, SignInFault::WrongNameOrPassword), "{fault}");
    }
    let right = || credentials("correct horse battery");
    let fault = sign_in(app.state(), &session(&app), right(), None).await.unwrap_err();
    assert!(matches!(fault, SignInFault::TooOften(_)), "{fault}");
    // From elsewhere the owner of the name still gets in.
    sign_in(app.state(), &session(&app), right(), "203.0.113.7".parse().ok()).await.unwrap();
    app.clock.advance(SignedDuration::from_mins(2));
    sign_in(app.state(), &session(&app), right(), None).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_ends_with_its_time() {
    let app = TestApp::start().await;
    let browser = session(&app);
    create_account(app.state(), &browser, app.setup_form()).await.unwrap();
    browser.save().await.unwrap();
    let later = || Session::new(browser.id(), Arc::new(JournalSessions::new(app.state())), None);
    assert!(later().get::<i64>("account").await.unwrap().is_some());
    app.clock.advance(SignedDuration::from_hours(13));
    assert!(later().get::<i64>("account").await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn law_8_a_changed_audit_log_shows() {
    let mut app = TestApp::start().await;
    for number in 0..3 {
        let subject = format!("customer {number}");
        app.store().audit().append(app.clock.now(), "ada", Action::CustomerViewed, &subject).await.unwrap();
    }
    assert_eq!(app.store().audit().verify().await.unwrap(), Chain::Holds { entries: 4 });
    app.stop().await;

    let journal = format!("sqlite:{}", app.folder().join("journal.sqlite").display());
    let mut connection = SqliteConnection::connect(&journal).await.unwrap();
    let change = sqlx::query("UPDATE audit SET subject = 'customer 9' WHERE entry = 3");
    assert!(change.execute(&mut connection).await.is_err(), "the log is append-only");
    sqlx::raw_sql(
        "DROP TRIGGER audit_is_never_rewritten; UPDATE audit SET subject = 'customer 9' WHERE entry = 3",
    )
    .execute(&mut connection)
    .await
    .unwrap();
    connection.close().await.unwrap();
    app.resume().await;
    assert_eq!(app.store().audit().verify().await.unwrap(), Chain::BrokenAt(3));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_journal_of_a_later_version_is_refused() {
    let mut app = TestApp::start().await;
    app.stop().await;
    let journal = format!("sqlite:{}", app.folder().join("journal.sqlite").display());
    let mut connection = SqliteConnection::connect(&journal).await.unwrap();
    sqlx::raw_sql(
        "INSERT INTO _sqlx_migrations VALUES (99, 'from the future', CURRENT_TIMESTAMP, 1, x'00', 1)",
    )
    .execute(&mut connection)
    .await
    .unwrap();
    connection.close().await.unwrap();
    let opened = ControlStore::open(app.folder(), app.clock.clone()).await;
    let message = opened.err().expect("it is refused").to_string();
    assert!(message.contains("not one that this version knows"), "{message}");
}
