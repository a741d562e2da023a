//! Enrolment: which voucher the installation shows, and whether the collector knows it already.

use std::path::Path;

use candor_policy::voucher::{VoucherAnswer, VoucherPart};
use candor_policy::{Enrolment, wire_paths};

use super::{Courier, Event, Said};
use crate::Error;
use crate::delivery_end::DeliveryEnd;
use crate::folder::Found;
use crate::key::InstallationKey;
use crate::limits::MARK_BYTES;
use crate::voucher::{read_voucher, shown};
use crate::wire::Wire;

const ENROLLED: &str = "enrolled";

impl Courier {
    /// The part of the voucher to show under today's consent. A voucher that cannot be used costs the verification, and nothing
    /// else.
    pub(super) fn voucher_part(&self, named: Option<&Path>) -> Result<Option<VoucherPart>, Error> {
        let inner = &*self.inner;
        if inner.policy.collector.voucher_key.is_none() {
            return Ok(None);
        }
        let read = match (&inner.voucher, named) {
            (Some(voucher), _) => Ok(voucher.clone()),
            (None, Some(file)) => read_voucher(file),
            (None, None) => return Ok(None),
        };
        let voucher = match read {
            Ok(voucher) => voucher,
            Err(error) => {
                self.tell(Event::Note(format!(
                    "{error}; the vendor does not count this installation as verified"
                )));
                return Ok(None);
            }
        };
        let status = inner.status()?;
        Ok(status.grant.as_ref().and_then(|grant| shown(&inner.policy, grant, &voucher)).cloned())
    }

    pub(super) fn enrol(
        &self,
        wire: &Wire,
        key: &InstallationKey,
        part: Option<&VoucherPart>,
    ) -> Result<Result<(), DeliveryEnd>, Error> {
        let voucher = part.map(|part| part.proof(&key.public));
        let body = serde_json::to_vec(&Enrolment { public_key: key.public, voucher });
        let body = body.map_err(|error| Error::Contained(error.to_string()))?;
        let answer =
            match wire.post(wire_paths::INSTALLATIONS, &body, key, self.inner.clock.now(), self.until) {
                Ok(answer) => answer,
                Err(_) if self.is_over() => return Ok(Err(DeliveryEnd::Deadline)),
                Err(fault) => return Ok(Err(DeliveryEnd::Unreachable(fault.why))),
            };
        if answer.status == 200 {
            // A captive portal answers everything, and nothing may follow to it.
            let Some(enrolled) = answer.enrolled(&key.installation, &self.inner.policy.collector.public_key)
            else {
                let why = format!(
                    "{} answered, but not as the policy's collector: a sign-in page of the network may be in between",
                    wire.url
                );
                return Ok(Err(DeliveryEnd::Unreachable(why)));
            };
            if let Some(refused) = enrolled.voucher.filter(|answer| *answer != VoucherAnswer::Accepted) {
                let told = refused.meaning();
                self.tell(Event::Note(format!(
                    "the vendor does not count this installation as verified: {told}"
                )));
            }
            self.inner.folder.write(ENROLLED, self.enrolled_mark(wire, key, part).as_bytes())?;
            return Ok(Ok(()));
        }
        Ok(Err(match self.refused(wire, &answer)? {
            Said::Refused(problem) => DeliveryEnd::PutOff(problem),
            Said::Held(_) | Said::Unclear(_) => DeliveryEnd::Unreachable(answer.describe(&wire.url)),
        }))
    }

    pub(super) fn is_enrolled(
        &self,
        wire: &Wire,
        key: &InstallationKey,
        part: Option<&VoucherPart>,
    ) -> Result<bool, Error> {
        let mark = self.enrolled_mark(wire, key, part);
        Ok(match self.inner.folder.read(ENROLLED, MARK_BYTES)? {
            Found::Bytes(bytes) => bytes == mark.as_bytes(),
            Found::Nothing | Found::TooLong | Found::Unusable(_) => false,
        })
    }

    /// Which installation is enrolled, where, and with which voucher; anything else enrols anew.
    fn enrolled_mark(&self, wire: &Wire, key: &InstallationKey, part: Option<&VoucherPart>) -> String {
        let collector = self.inner.policy.collector.public_key;
        let voucher = part.map(|part| format!(" with {}", part.certificate.id())).unwrap_or_default();
        format!("{} at {} ({collector}){voucher}\n", key.installation, wire.url)
    }
}
