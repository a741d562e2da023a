//! Which part of the product's voucher this site shows when it enrols, if any.

use std::path::Path;

use candor_policy::voucher::{Voucher, VoucherPart};
use candor_policy::{Identifies, MetricType, Policy};

use crate::Error;
use crate::consent::Grant;
use crate::folder::read_bounded;
use candor_policy::limits::VOUCHER_BYTES;

/// Reads a voucher from the product's configuration.
///
/// # Errors
/// Where the file is not there, or holds no voucher.
pub fn read_voucher(file: &Path) -> Result<Voucher, Error> {
    let unusable = |what: String| Error::folder("use the voucher", file)(std::io::Error::other(what));
    let bytes = read_bounded(file, VOUCHER_BYTES as u64)?;
    let bytes = bytes.ok_or_else(|| unusable("the file is not there".to_owned()))?;
    let text = String::from_utf8(bytes).map_err(|_| unusable("it is not UTF-8".to_owned()))?;
    Voucher::read(&text).map_err(|fault| unusable(fault.to_string()))
}

/// The part to show: none where the policy asks for no voucher, and the one that names the customer only where the consent
/// covers every metric that does.
pub fn shown<'v>(policy: &Policy, grant: &Grant, voucher: &'v Voucher) -> Option<&'v VoucherPart> {
    policy.collector.voucher_key?;
    let mut naming = policy
        .metrics
        .iter()
        .filter(|metric| matches!(metric.kind, MetricType::Identity(Identifies::Customer)))
        .peekable();
    let may_name = naming.peek().is_some() && naming.all(|metric| grant.covers(metric));
    Some(voucher.part(may_name))
}
