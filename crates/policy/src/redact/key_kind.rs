//! What a word in a key can say about its value, and where it has to stand.

/// Something that is not what a word inside of it says.
pub(super) const NOTHING: u32 = 0;
/// A host's name.
pub(super) const HOST: u32 = 1;
/// A URL.
pub(super) const URL: u32 = 1 << 1;
/// An e-mail address.
pub(super) const EMAIL: u32 = 1 << 2;
/// A file's path.
pub(super) const PATH: u32 = 1 << 3;
/// A connection string.
pub(super) const CONNECTION: u32 = 1 << 4;
/// A database's name, where the value is not a product's.
pub(super) const DATABASE: u32 = 1 << 5;
/// An account's name.
pub(super) const ACCOUNT: u32 = 1 << 6;
/// A password, key or token.
pub(super) const SECRET: u32 = 1 << 7;
/// A licence's or another key, where the value looks like one: `License` also holds "Enterprise".
pub(super) const LICENCE: u32 = 1 << 8;
/// A telephone number.
pub(super) const PHONE: u32 = 1 << 9;
/// An account at a bank, a card or a tax number.
pub(super) const BANK: u32 = 1 << 10;
/// A network card's address.
pub(super) const CARD_ADDRESS: u32 = 1 << 11;
/// A version: four small numbers are one, and not an address.
pub(super) const VERSION: u32 = 1 << 12;
/// A person's name.
pub(super) const PERSON: u32 = 1 << 13;
/// Whoever has a part in something: a name, where the value is not the word for a role.
pub(super) const ROLE: u32 = 1 << 14;
/// A street address.
pub(super) const PLACE: u32 = 1 << 15;
/// An extension within a telephone system.
pub(super) const PHONE_EXTENSION: u32 = 1 << 16;

/// Where a word has to stand within the key's words.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum At {
    /// Anywhere, also inside of a longer word.
    Anywhere,
    /// At a word's end: `REPORTHOST`, not `GHOSTS`.
    End,
    /// As a word of its own: `IP`, not `PIPE`.
    Whole,
    /// At the key's end: `SMTP User`, not `User Interface`.
    Last,
}
