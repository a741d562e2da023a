//! Consent, facts, spool and delivery, inside the vendor's product.
//!
//! The SDK asks before it gathers, shows what it gathered, keeps what cannot be delivered, and delivers within a deadline.
//! It is blocking, has no globals and no runtime, takes its clock, folder and environment from its caller, and refuses to be
//! a reason for the product to stop: no panic, no unbounded wait, no unbounded disk.
//!
//! An installer's last moment, in full:
//!
//! ```
//! use std::sync::Arc;
//! use candor_policy::{Policy, Scope, Value};
//! use candor_sdk::{Environment, Error, Site, SiteSettings, limits, paths};
//!
//! fn right_before_exit(manifest: &str, clock: Arc<dyn candor_policy::Clock>, state: &std::path::Path) -> Result<(), Error> {
//!     let Ok(policy) = Policy::read(manifest) else { return Ok(()) };
//!     let environment = Environment::of_process();
//!     let site = Site::open(SiteSettings {
//!         policy,
//!         state_folder: state.to_owned(),
//!         // Without these a denial for the whole machine would not be heard.
//!         settings_files: paths::settings_files(&environment),
//!         environment,
//!         clock,
//!         // As it lies in the product's configuration: `candor_sdk::read_voucher`.
//!         voucher: None,
//!     });
//!     // What the box on the installer's page said.
//!     site.grant(Scope::All, "installer")?;
//!     let mut draft = match site.draft("web-installer", "Lucity Web", "2016") {
//!         Err(Error::NotAllowed(_)) => return Ok(()),
//!         draft => draft?,
//!     };
//!     draft.fact("client_id", Value::Text("C-1042".to_owned()));
//!     let prepared = site.prepare(draft)?;
//!     println!("{}", String::from_utf8_lossy(prepared.body())); // these very bytes leave
//!     site.submit(&prepared)?; // on disk from here on
//!     site.deliver(limits::DEADLINE)?; // what is not delivered in time waits for the next call
//!     Ok(())
//! }
//! ```

mod cause;
pub mod consent;
mod courier;
mod damaged;
mod delivery;
mod delivery_end;
mod draft;
mod environment;
mod error;
mod facts;
mod folder;
mod inner;
mod key;
pub mod limits;
mod losses;
mod no_proxy;
pub mod paths;
mod receipt;
mod report_file;
mod sending;
mod sent_log;
mod settings;
mod site;
mod spool;
mod successions;
mod unanswered;
mod voucher;
mod wire;

pub use cause::{Bar, Cause, LedgerFault, SettingsFault};
pub use delivery::Delivery;
pub use delivery_end::DeliveryEnd;
pub use draft::{Draft, Prepared};
pub use environment::Environment;
pub use error::Error;
pub use folder::read_bounded;
pub use losses::{Counts, Loss};
pub use receipt::{ReceiptFault, SignedReceipt};
pub use sending::{Sending, SentAnswer, SentReport};
pub use settings::{MachineSettings, SettingsFile};
pub use site::{Site, SiteSettings, WaitingReport};
pub use spool::RefusedReport;
pub use voucher::read_voucher;
