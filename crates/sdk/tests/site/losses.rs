//! Law 7, as far as it is the SDK's: every loss has a name that somebody can see.

use std::time::Duration;

use candor_policy::{Scope, Value};
use candor_sdk::Loss;

use crate::support::collector::{Behaviour, TestCollector, public_key};
use crate::support::{TestSite, prepare, submit};

#[test]
fn law_7_every_loss_has_a_name() {
    let collector = TestCollector::start(Behaviour::Refuse(candor_policy::ProblemCode::TooLarge, None));
    let test = TestSite::new(&collector.url, &public_key().to_string());
    let site = test.granted();

    let mut draft = site.draft("installer", "Sample Web", "2.0").unwrap();
    draft.fact("user_name", Value::Text("ada".to_owned()));
    site.submit(&site.prepare(draft).unwrap()).unwrap();
    site.deliver(Duration::from_secs(5)).unwrap();

    submit(&site);
    let spooled = std::fs::read_dir(test.state().join("spool")).unwrap().next().unwrap().unwrap().path();
    std::fs::write(spooled, "rubbish").unwrap();
    assert_eq!(site.waiting().unwrap(), []);

    submit(&site);
    site.deny("administrator").unwrap();

    site.grant(Scope::All, "administrator").unwrap();
    let unlucky = prepare(&site).unwrap();
    let lock = std::fs::File::create(test.state().join("state.lock")).unwrap();
    lock.lock().unwrap();
    let busy = site.submit_within(&unlucky, Duration::from_millis(20));
    assert!(matches!(busy, Err(candor_sdk::Error::Busy { .. })), "{busy:?}");
    drop(lock);

    let losses = test.open().losses().unwrap();
    for loss in [Loss::Values, Loss::Refused, Loss::Damaged, Loss::Denied, Loss::Unstored] {
        assert_eq!(losses.get(&loss), Some(&1), "{}: {losses:?}", loss.word());
    }
}
