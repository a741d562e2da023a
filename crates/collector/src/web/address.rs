//! Addresses of pages: paths and parameters, escaped. A link keeps the filters of the page that it stands on. What others named
//! stands in a segment of its own form, which no browser and no proxy resolves away: a customer may be numbered `..`.

use crate::insights::{Address, Filter, KeyOf};
pub use candor_web::address as with;
use candor_web::segment;

/// An address's parameters, in order.
pub type Parameters = Vec<(&'static str, String)>;

/// Where a cell leads, the filters kept.
pub fn of(to: &Address, filter: &Filter) -> String {
    let parameters = filter.parameters();
    match to {
        Address::Customer(key) => {
            let others = parameters.into_iter().filter(|(name, _)| *name != "customer" && *name != "version");
            with(&format!("/customers/{}", segment(key)), &others.collect::<Parameters>())
        }
        Address::Module(key) => with(&path_of("/modules", key), &parameters),
        Address::Setting(key) => with(&path_of("/settings", key), &parameters),
        Address::Policy(id, version) => policy(id, version),
    }
}

/// A version of a policy.
pub fn policy(id: &str, version: &str) -> String {
    format!("/policies/{}/{}", segment(id), segment(version))
}

fn path_of(part: &str, key: &KeyOf) -> String {
    format!("{part}/{}/{}/{}", segment(&key.policy), segment(&key.metric), segment(&key.key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_in_an_address_is_escaped() {
        let filter = Filter { product: Some("Lucity Web".into()), ..Filter::default() };
        let customer = Address::Customer("~a/b".into());
        assert_eq!(of(&customer, &filter), "/customers/~a=2Fb?product=Lucity%20Web");
    }
}
