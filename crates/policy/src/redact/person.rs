//! People: their names, where the key speaks of one, and street addresses. No form tells a person's name from any other.

use super::harmless;
use super::hints::{PERSON, PLACE, ROLE};
use super::scan::{Sight, mark};
use super::street;

/// Whether the value names a person, or says where one is found.
pub(super) fn seen(sight: &Sight<'_>) -> bool {
    if !sight.could_be_a_name() {
        return false;
    }
    let is_known = || harmless::is_known(sight.value);
    sight.hints.promise(PERSON)
        || (sight.hints.promise(ROLE) && !is_known())
        || (sight.hints.promise(PLACE) && (sight.has(mark::DIGIT) || !is_known()))
        || (sight.has(mark::DIGIT) && sight.has(mark::SPACE) && street::seen(sight.value))
}
