//! The filter of a page: product, months, version and customer, as they stand in its address.

use jiff::Timestamp;

use super::limits::{DEFAULT_MONTHS, LONGEST_MONTHS, SILENCE_DAYS};
use crate::store::insights::{Month, Slice};

/// What a page is narrowed to. What an address does not say, or says in a way that makes no sense, is not narrowed; of months
/// the page says so.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// The application; none: all.
    pub product: Option<String>,
    /// The first month; none: [`DEFAULT_MONTHS`] up to the last.
    pub from: Option<Month>,
    /// The last month; none: the present one.
    pub to: Option<Month>,
    /// The version that an installation has now; none: all.
    pub version: Option<String>,
    /// The customer's key; none: all.
    pub customer: Option<String>,
    /// Whether installations count that no voucher verifies.
    pub unverified: bool,
    /// What stood in the address in place of a month, and is none.
    pub no_months: Vec<String>,
}

impl Filter {
    /// Reads a filter from an address's parameters.
    pub fn read<'a>(parameter: impl Fn(&str) -> Option<&'a str>) -> Self {
        let text =
            |name: &str| parameter(name).map(str::trim).filter(|value| !value.is_empty()).map(str::to_owned);
        let month = |name: &str| text(name).and_then(|value| Month::parse(&value));
        let (from, to) = match (month("from"), month("to")) {
            // The same months, the wrong way round.
            (Some(from), Some(to)) if from > to => (Some(to), Some(from)),
            others => others,
        };
        let is_none = |value: &String| Month::parse(value).is_none();
        Self {
            product: text("product"),
            from,
            to,
            version: text("version"),
            customer: text("customer"),
            unverified: text("unverified").as_deref() == Some("yes"),
            no_months: ["from", "to"].into_iter().filter_map(text).filter(is_none).collect(),
        }
    }

    /// What is set, as parameters of an address.
    pub fn parameters(&self) -> Vec<(&'static str, String)> {
        let texts = [("product", &self.product), ("version", &self.version), ("customer", &self.customer)];
        let months = [("from", self.from), ("to", self.to)];
        let months = months.into_iter().filter_map(|(name, month)| Some((name, month?.to_string())));
        let unverified = self.unverified.then(|| ("unverified", "yes".to_owned()));
        let texts = texts.into_iter().filter_map(|(name, text)| Some((name, text.clone()?)));
        texts.chain(months).chain(unverified).collect()
    }

    /// Whether nothing is set.
    pub fn is_open(&self) -> bool {
        *self == Self::default()
    }

    /// What it stands for at this moment. The last month is never later than the present one; a first month that comes
    /// after the last, or lies too far before it, gives way.
    pub fn slice(&self, now: Timestamp) -> Slice {
        let present = Month::of(now);
        let through = self.to.map_or(present, |to| to.min(present));
        let from = self
            .from
            .filter(|from| *from <= through && *from > through.plus(-LONGEST_MONTHS))
            .unwrap_or(through.plus(1 - DEFAULT_MONTHS));
        Slice {
            from,
            through,
            at: through.end().min(now),
            silence_days: SILENCE_DAYS,
            product: self.product.clone(),
            version: self.version.clone(),
            customer: self.customer.clone(),
            vouched: Vec::new(),
            unverified: self.unverified,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &'static str)]) -> Filter {
        Filter::read(|name| pairs.iter().find(|(known, _)| *known == name).map(|(_, value)| *value))
    }

    fn now() -> Timestamp {
        "2026-11-21T12:00:00Z".parse().unwrap()
    }

    #[test]
    fn an_address_without_parameters_shows_two_years_up_to_now() {
        let slice = read(&[]).slice(now());
        assert_eq!((slice.from.to_string(), slice.through.to_string()), ("2024-12".into(), "2026-11".into()));
        assert_eq!(slice.at, now());
    }

    #[test]
    fn a_past_view_stands_at_the_end_of_its_last_month() {
        let slice = read(&[("from", "2026-01"), ("to", "2026-03")]).slice(now());
        assert_eq!(
            (slice.from.to_string(), slice.at),
            ("2026-01".into(), "2026-04-01T00:00:00Z".parse().unwrap())
        );
    }

    #[test]
    fn what_makes_no_sense_is_not_narrowed() {
        for bad in [[("from", "2027-01"), ("to", "2026-03")], [("from", "x"), ("to", "2031-01")]] {
            let slice = read(&bad).slice(now());
            assert!(slice.from < slice.through && slice.through <= Month::of(now()), "{bad:?}");
        }
        assert_eq!(read(&[("product", " "), ("version", "")]), Filter::default());
    }

    #[test]
    fn a_period_the_wrong_way_round_is_the_same_period() {
        let turned = read(&[("from", "2026-09"), ("to", "2025-01")]);
        assert_eq!(turned, read(&[("from", "2025-01"), ("to", "2026-09")]));
        let slice = turned.slice(now());
        assert_eq!((slice.from.to_string(), slice.through.to_string()), ("2025-01".into(), "2026-09".into()));
    }

    #[test]
    fn what_is_no_month_is_remembered_and_not_carried_on() {
        let filter = read(&[("from", "foo"), ("to", "2026-13")]);
        assert_eq!(filter.no_months, ["foo", "2026-13"]);
        assert!(filter.parameters().is_empty() && read(&[("from", " ")]).no_months.is_empty());
    }

    #[test]
    fn a_filter_survives_its_address() {
        let filter = read(&[("product", "Lucity Web"), ("from", "2026-01"), ("customer", "~abc")]);
        let parameters = filter.parameters();
        let again = Filter::read(|name| {
            parameters.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
        });
        assert_eq!(again, filter);
    }
}
