//! The vouchers of a simulated base: one for each customer, as its vendor would have issued it.

use candor_policy::voucher::{Terms, Voucher, VoucherFault, VoucherPart};
use candor_policy::{CategoryId, Identifies, MetricType};
use ed25519_dalek::SigningKey;
use jiff::ToSpan;
use jiff::civil::Date;

use crate::base::Base;
use crate::dice::Dice;
use crate::facts::customer_text;
use crate::installation::Installation;

/// The vouchers of a base, by customer.
pub struct Vouchers {
    by_customer: Vec<Voucher>,
    /// Where the policy names the customer.
    naming: Option<CategoryId>,
}

impl Vouchers {
    /// Issues them for a year. The same seed gives the same vouchers.
    ///
    /// # Errors
    /// [`VoucherFault`] where a customer's text could be taken for another's.
    pub fn issue(key: &SigningKey, seed: u64, base: &Base, today: Date) -> Result<Self, VoucherFault> {
        let names = |kind: &MetricType| matches!(kind, MetricType::Identity(Identifies::Customer));
        let metric = base.policy().metrics.iter().find(|metric| names(&metric.kind));
        let expires = today.saturating_add(1.year());
        let issue = |customer: &crate::customer::Customer| {
            let text = metric.map(|metric| customer_text(metric, customer));
            let terms = text.as_deref().map(|text| Terms {
                customer: text,
                installations: customer.installations as u32,
                seed: Dice::of(seed, &format!("customer {}, voucher", customer.index)).bytes(),
            });
            Voucher::issue(key, terms.as_ref(), today, expires)
        };
        Ok(Self {
            by_customer: base.customers().iter().map(issue).collect::<Result<_, _>>()?,
            naming: metric.map(|metric| metric.category.clone()),
        })
    }

    /// What an installation shows: its customer's name only where its administrator does not refuse that.
    pub fn part(&self, site: &Installation) -> Option<&VoucherPart> {
        let may_name = self.naming.is_some() && site.refused != self.naming;
        self.by_customer.get(site.customer).map(|voucher| voucher.part(may_name))
    }
}
