//! Addresses of pages: paths and parameters, escaped. A link keeps the filters of the page that it stands on.

use crate::insights::{Address, Filter};

/// An address's parameters, in order.
pub type Parameters = Vec<(&'static str, String)>;

/// An address from a path whose segments are escaped already, and parameters.
pub fn with(path: &str, parameters: &Parameters) -> String {
    let mut address = path.to_owned();
    for (place, (name, value)) in parameters.iter().enumerate() {
        address.push(if place == 0 { '?' } else { '&' });
        address.push_str(name);
        address.push('=');
        address.push_str(&escaped(value));
    }
    address
}

/// Where a cell leads, the filters kept.
pub fn of(to: &Address, filter: &Filter) -> String {
    let parameters = filter.parameters();
    match to {
        Address::Customer(key) => {
            let others = parameters.into_iter().filter(|(name, _)| *name != "customer" && *name != "version");
            with(&format!("/customers/{}", escaped(key)), &others.collect())
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

/// Percent-encoding of all but RFC 3986's unreserved characters.
pub fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            escaped.push_str(&format!("%{byte:02X}"));
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_in_an_address_is_escaped() {
        assert_eq!(escaped("a b&c=ü/+"), "a%20b%26c%3D%C3%BC%2F%2B");
        let filter = Filter { product: Some("Lucity Web".into()), ..Filter::default() };
        let customer = Address::Customer("~a/b".into());
        assert_eq!(of(&customer, &filter), "/customers/~a%2Fb?product=Lucity%20Web");
    }
}
