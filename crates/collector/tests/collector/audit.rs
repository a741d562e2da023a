//! The audit log against somebody who can write to the journal's file (law 8): what is changed, cut off or put back shows.

use candor_collector::store::{Action, Chain, ControlStore, StoreError};
use candor_collector::{key_file, publish};
use candor_policy::Clock;

use crate::support::{Browser, TestApp, manifest};

/// The log takes no entry any more.
const NO_ENTRY: &str =
    "CREATE TRIGGER no_entry BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'the log takes nothing'); END";

/// A collector with one account and entries of five looks: seven in all.
async fn looked_at() -> TestApp {
    let app = TestApp::start().await;
    drop(Browser::signed_in(&app).await);
    look(&app, 5).await;
    assert_eq!(app.store().audit().verify().await.unwrap(), Chain::Holds { entries: 7 });
    app
}

async fn look(app: &TestApp, times: u32) {
    for number in 0..times {
        let subject = format!("customer {number}");
        app.store().audit().append(app.clock.now(), "ada", Action::CustomerViewed, &subject).await.unwrap();
    }
}

/// Writes to the journal's file while the collector is down, past the triggers that keep the log as it is.
async fn tamper(app: &mut TestApp, sql: &'static str) {
    app.stop().await;
    let triggers =
        "DROP TRIGGER IF EXISTS audit_is_never_rewritten; DROP TRIGGER IF EXISTS audit_is_never_shortened";
    let journal = app.journal();
    journal.execute_batch(triggers).unwrap();
    journal.execute_batch(sql).unwrap();
    drop(journal);
    app.resume().await;
}

/// What `candor-collector audit verify` says beside the running collector, and whether it ended well.
fn verified(app: &TestApp) -> (String, bool) {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_candor-collector"));
    let ran = command.args(["audit", "verify", "--data"]).arg(app.folder()).output().unwrap();
    let said = [ran.stdout, ran.stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat();
    (said, ran.status.success())
}

async fn sign_in(app: &TestApp) -> Browser {
    let browser = Browser::new(app);
    let form = [("name", "ada"), ("password", "correct horse battery"), ("next", "/")];
    assert_eq!(browser.send("/login", &form).await.status, 200);
    browser
}

#[tokio::test(flavor = "multi_thread")]
async fn law_8_an_entry_that_was_changed_shows() {
    let mut app = looked_at().await;
    let (said, whole) = verified(&app);
    assert!(whole && said.contains("7 entries, unbroken"), "{said}");
    let change = "UPDATE audit SET subject = 'customer 9' WHERE entry = 4";
    let refused = app.journal().execute_batch(change);
    assert!(refused.is_err(), "the log is append-only");
    tamper(&mut app, change).await;
    assert_eq!(app.store().audit().verify().await.unwrap(), Chain::BrokenAt(4));
}

#[tokio::test(flavor = "multi_thread")]
async fn law_8_an_end_that_was_cut_off_shows_and_is_not_signed_over() {
    let mut app = looked_at().await;
    tamper(&mut app, "DELETE FROM audit WHERE entry > 4").await;
    assert_eq!(app.store().audit().verify().await.unwrap(), Chain::CutAfter { last: 4, signed: 7 });
    let (said, whole) = verified(&app);
    assert!(
        !whole && said.contains("it signed entry 7 as the last, and the log ends with entry 4"),
        "{said}"
    );
    // Going on makes no whole log of it: the next entry is one that tells of the cut.
    let page = sign_in(&app).await.open("/audit").await;
    page.shows(&[
        "The chain is broken at entry 5",
        "it signed entry 7 as the last, and the log ends with entry 4",
    ]);
    look(&app, 5).await;
    assert_eq!(app.store().audit().verify().await.unwrap(), Chain::BrokenAt(5));
}

#[tokio::test(flavor = "multi_thread")]
async fn law_8_a_log_without_its_head_shows() {
    let mut app = looked_at().await;
    tamper(&mut app, "DELETE FROM audit WHERE entry > 4; DELETE FROM audit_head").await;
    assert_eq!(app.store().audit().verify().await.unwrap(), Chain::CutAfter { last: 4, signed: 7 });
    std::fs::remove_file(app.folder().join("audit.head")).unwrap();
    assert_eq!(app.store().audit().verify().await.unwrap(), Chain::NotSigned { last: 4 });
}

/// Guards against a log that looks like one in which nothing was ever written.
#[tokio::test(flavor = "multi_thread")]
async fn law_8_a_log_that_was_emptied_with_its_heads_shows() {
    let mut app = looked_at().await;
    tamper(&mut app, "DELETE FROM audit; DELETE FROM audit_head").await;
    std::fs::remove_file(app.folder().join("audit.head")).unwrap();
    assert_eq!(app.store().audit().verify().await.unwrap(), Chain::Emptied);
    let (said, whole) = verified(&app);
    assert!(!whole && said.contains("all entries were taken away outside of this program"), "{said}");
    // Nor is it signed over.
    sign_in(&app)
        .await
        .open("/audit")
        .await
        .shows(&["The chain is broken at entry 1", "all entries were taken away"]);
    assert_eq!(app.store().audit().verify().await.unwrap(), Chain::BrokenAt(1));
}

/// The same while the collector runs, by another process.
#[tokio::test(flavor = "multi_thread")]
async fn law_8_a_log_that_is_emptied_while_the_collector_runs_shows() {
    let app = looked_at().await;
    let emptied = "DROP TRIGGER audit_is_never_shortened; DELETE FROM audit; DELETE FROM audit_head";
    app.journal().execute_batch(emptied).unwrap();
    std::fs::remove_file(app.folder().join("audit.head")).unwrap();
    look(&app, 1).await;
    assert_eq!(app.store().audit().verify().await.unwrap(), Chain::BrokenAt(1));
}

/// A journal whose accounts were taken away with the log still has its policies and reports.
#[tokio::test(flavor = "multi_thread")]
async fn law_8_a_log_that_was_emptied_with_all_accounts_shows() {
    let app = looked_at().await;
    app.publish(&manifest(None)).await;
    let emptied = "DROP TRIGGER audit_is_never_shortened; DELETE FROM audit; DELETE FROM audit_head; \
                   DELETE FROM sessions; DELETE FROM accounts";
    app.journal().execute_batch(emptied).unwrap();
    std::fs::remove_file(app.folder().join("audit.head")).unwrap();
    assert_eq!(app.store().audit().verify().await.unwrap(), Chain::Emptied);
}

/// The first entry of a new journal follows nothing, and that is right.
#[tokio::test(flavor = "multi_thread")]
async fn law_8_a_new_log_is_whole() {
    let folder = tempfile::tempdir().unwrap();
    let key = key_file::read_or_create(folder.path()).unwrap();
    let store = ControlStore::open(folder.path()).await.unwrap();
    assert_eq!(store.audit().verify().await.unwrap(), Chain::Holds { entries: 0 });
    let ours = key_file::public_key(&key).to_string();
    let own = manifest(None).replace(&crate::support::collector_key().to_string(), &ours);
    publish::publish(&store, &key, &candor_collector::clock::SystemClock, &own).await.unwrap();
    assert_eq!(store.audit().verify().await.unwrap(), Chain::Holds { entries: 1 });
    store.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn law_8_a_head_that_somebody_else_made_shows() {
    let mut app = looked_at().await;
    // Entry 6 with its own digest, and the signature of entry 7: the best that can be done without the key.
    let forged = "DELETE FROM audit WHERE entry > 6; \
                  UPDATE audit_head SET entry = 6, digest = (SELECT digest FROM audit WHERE entry = 6)";
    tamper(&mut app, forged).await;
    assert_eq!(app.store().audit().verify().await.unwrap(), Chain::NotSigned { last: 6 });
}

#[tokio::test(flavor = "multi_thread")]
async fn law_8_a_journal_that_was_put_back_to_an_earlier_state_shows() {
    let mut app = looked_at().await;
    app.stop().await;
    let (journal, copy) = (app.folder().join("journal.sqlite"), app.folder().join("copy"));
    std::fs::copy(&journal, &copy).unwrap();
    app.resume().await;
    look(&app, 2).await;
    app.stop().await;
    std::fs::rename(&copy, &journal).unwrap();
    app.resume().await;
    assert_eq!(app.store().audit().verify().await.unwrap(), Chain::CutAfter { last: 7, signed: 9 });
}

#[tokio::test(flavor = "multi_thread")]
async fn law_8_no_change_is_there_without_its_entry() {
    let app = TestApp::start().await;
    app.journal().execute_batch(NO_ENTRY).unwrap();
    let refused = |error: &StoreError| error.to_string().contains("the log takes nothing");

    let store = ControlStore::open(app.folder()).await.unwrap();
    let key = key_file::read_or_create(app.folder()).unwrap();
    let published = publish::publish(&store, &key, &*app.clock, &manifest(None)).await;
    assert!(refused(published.unwrap_err().downcast_ref().unwrap()));
    assert_eq!(store.policies().list().await.unwrap(), []);
    let link = candor_collector::accounts::new_link(store.accounts(), &*app.clock, "http://x", None).await;
    assert!(refused(&link.unwrap_err()));
    store.close().await;

    // The first link is still good, and makes no account either.
    let link = format!("/setup?token={}", app.setup_token());
    let browser = Browser::new(&app);
    assert_eq!(browser.open(&link).await.status, 200);
    let token = app.setup_token();
    let form = [("token", token.as_str()), ("name", "ada"), ("password", "correct horse battery")];
    assert_eq!(browser.send("/setup", &form).await.status, 500);
    assert_eq!(app.store().accounts().count().await.unwrap(), 0);
    assert_eq!(browser.open(&link).await.status, 200);

    app.journal().execute_batch("DROP TRIGGER no_entry").unwrap();
    assert_eq!(browser.send("/setup", &form).await.path, "/");
}

#[tokio::test(flavor = "multi_thread")]
async fn law_8_no_account_is_removed_without_its_entry() {
    let app = TestApp::start().await;
    let browser = Browser::signed_in(&app).await;
    let link =
        candor_collector::accounts::new_link(app.store().accounts(), &*app.clock, "", None).await.unwrap();
    let form =
        [("token", link.split_once('=').unwrap().1), ("name", "bob"), ("password", "correct horse battery")];
    assert_eq!(Browser::new(&app).send("/setup", &form).await.path, "/");
    app.journal().execute_batch(NO_ENTRY).unwrap();
    app.store().accounts().remove("ada", "bob", app.clock.now()).await.unwrap_err();
    assert_eq!(app.store().accounts().count().await.unwrap(), 2);
    assert_eq!(browser.open("/modules").await.path, "/modules", "the session goes on");
}
