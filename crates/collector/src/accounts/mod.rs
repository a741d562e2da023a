//! Accounts of the vendor's staff: one-time links, passwords, sessions and the right to do something. The pages stand in
//! `web`; everything that decides stands here.

mod access;
mod failures;
mod links;
mod password;
mod sessions;
mod sign_in;
mod signed_in;
mod token;

pub use access::Access;
pub use links::{SetupFault, SetupForm, create_account, link_is_valid, new_link};
pub use sessions::{JournalSessions, session_layer};
pub use sign_in::{Credentials, SignInFault, sign_in, sign_out};
pub use signed_in::{SignedIn, signed_in};
