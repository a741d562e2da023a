//! Accounts of the vendor's staff: one-time links, passwords, sessions and the right to do something. The pages are in
//! `web`; everything that decides is here.

mod access;
mod failures;
mod known_senders;
mod links;
mod own_account;
mod password;
mod password_rules;
mod sessions;
mod sign_in;
mod signed_in;
mod token;

pub use access::Access;
pub use links::{SetupFault, SetupForm, link_purpose, new_link, use_link};
pub use own_account::{ChangeFault, change_password, sign_out_everywhere};
pub use sessions::{JournalSessions, session_layer};
pub use sign_in::{Credentials, SignInFault, sign_in, sign_out};
pub use signed_in::{SignedIn, signed_in};
