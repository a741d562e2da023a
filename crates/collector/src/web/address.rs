//! Addresses of pages: paths and parameters, escaped. A link keeps the filters of the page that it stands on.

use crate::insights::{Address, Filter};
pub use candor_web::address as with;
use candor_web::escaped;

/// An address's parameters, in order.
pub type Parameters = Vec<(&'static str, String)>;

/// Where a cell leads, the filters kept.
pub fn of(to: &Address, filter: &Filter) -> String {
    let parameters = filter.parameters();
    match to {
        Address::Customer(key) => {
            let others = parameters.into_iter().filter(|(name, _)| *name != "customer" && *name != "version");
            with(&format!("/customers/{}", escaped(key)), &others.collect::<Parameters>())
        }
        Address::Module(key) => {
            with(&format!("/modules/{}/{}/{}", key.policy, key.metric, escaped(&key.key)), &parameters)
        }
        Address::Setting(key) => {
            with(&format!("/settings/{}/{}/{}", key.policy, key.metric, escaped(&key.key)), &parameters)
        }
        Address::Policy(id, version) => format!("/policies/{id}/{}", escaped(version)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_in_an_address_is_escaped() {
        let filter = Filter { product: Some("Lucity Web".into()), ..Filter::default() };
        let customer = Address::Customer("~a/b".into());
        assert_eq!(of(&customer, &filter), "/customers/~a%2Fb?product=Lucity%20Web");
    }
}
