//! Warnings and errors that come again and again: the first of a kind is written, the others of the same minute are counted, and
//! one line says how many they were. A disk that is full for an hour fills no log.

use std::collections::HashMap;
use std::fmt::{self, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use tracing::callsite::Identifier;
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Metadata, Subscriber};
use tracing_subscriber::layer::{Context, Filter};

use crate::limits::{REPEATS_KINDS, REPEATS_PERIOD, REPEATS_TEXT_BYTES};

/// Under which target the counts are written: these lines are never held back.
const TARGET: &str = "candor::repeats";

/// Holds back what was written a moment ago. Cloning shares the counts.
#[derive(Clone, Default)]
pub(crate) struct Repeats(Arc<Mutex<HashMap<Kind, Count>>>);

/// Where an event is in the source, and what it says, with every number as one digit: a size or a time that differs makes no
/// new kind.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Kind {
    place: Identifier,
    text: String,
}

struct Count {
    since: Instant,
    held_back: u64,
    level: Level,
}

/// A line that sums up.
#[derive(Debug, PartialEq, Eq)]
struct Sum {
    text: String,
    times: u64,
    level: Level,
}

impl Repeats {
    fn counts(&self) -> MutexGuard<'_, HashMap<Kind, Count>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether an event of this kind is written now.
    fn is_first(&self, kind: Kind, level: Level, now: Instant) -> bool {
        let mut counts = self.counts();
        if let Some(count) = counts.get_mut(&kind) {
            count.held_back += 1;
            return false;
        }
        if counts.len() < REPEATS_KINDS {
            counts.insert(kind, Count { since: now, held_back: 0, level });
        }
        true
    }

    /// Takes the counts of minutes that are over, or all of them.
    fn take(&self, is_over: impl Fn(Instant) -> bool) -> Vec<Sum> {
        let mut counts = self.counts();
        let over = counts.extract_if(|_, count| is_over(count.since));
        let sums = over.filter(|(_, count)| count.held_back > 0).map(|(kind, count)| Sum {
            text: kind.text,
            times: count.held_back,
            level: count.level,
        });
        sums.collect()
    }

    /// Writes a line for each kind whose minute is over.
    pub(crate) fn write_due(&self) {
        let now = Instant::now();
        write(self.take(|since| now.duration_since(since) >= REPEATS_PERIOD));
    }

    /// Writes a line for each kind: the program ends.
    pub(crate) fn write_all(&self) {
        write(self.take(|_| true));
    }
}

fn write(sums: Vec<Sum>) {
    for Sum { text, times, level } in sums {
        if level == Level::ERROR {
            tracing::error!(target: TARGET, times, "again within a minute: {text}");
        } else {
            tracing::warn!(target: TARGET, times, "again within a minute: {text}");
        }
    }
}

impl<S: Subscriber> Filter<S> for Repeats {
    fn enabled(&self, _: &Metadata<'_>, _: &Context<'_, S>) -> bool {
        true
    }

    fn event_enabled(&self, event: &Event<'_>, _: &Context<'_, S>) -> bool {
        let metadata = event.metadata();
        if *metadata.level() > Level::WARN || metadata.target() == TARGET {
            return true;
        }
        let mut text = Text::default();
        event.record(&mut text);
        self.is_first(Kind { place: metadata.callsite(), text: text.0 }, *metadata.level(), Instant::now())
    }
}

/// An event's message and fields, as one text.
#[derive(Default)]
struct Text(String);

impl Visit for Text {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let separator = if self.0.is_empty() { "" } else { ", " };
        let written = match field.name() {
            "message" => write!(self.0, "{separator}{value:?}"),
            name => write!(self.0, "{separator}{name}={value:?}"),
        };
        // Writing to memory does not fail.
        debug_assert!(written.is_ok());
        self.0 = shortened(&self.0);
    }
}

/// Runs of digits as one `#`, and no longer than a line.
fn shortened(text: &str) -> String {
    let mut short = String::with_capacity(text.len());
    for character in text.chars() {
        let character = if character.is_ascii_digit() { '#' } else { character };
        if short.len() + character.len_utf8() > REPEATS_TEXT_BYTES {
            break;
        }
        if character != '#' || !short.ends_with('#') {
            short.push(character);
        }
    }
    short
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::Mutex as StdMutex;

    use tracing_subscriber::layer::SubscriberExt;
    use tracing_subscriber::{Layer, Registry};

    use super::*;

    #[derive(Clone, Default)]
    struct Log(Arc<StdMutex<Vec<u8>>>);

    impl io::Write for Log {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn logged(events: impl FnOnce(&Repeats)) -> Vec<String> {
        let (log, repeats) = (Log::default(), Repeats::default());
        let writer = log.clone();
        let layer = tracing_subscriber::fmt::layer()
            .without_time()
            .with_ansi(false)
            .with_writer(move || writer.clone());
        let subscriber = Registry::default().with(layer.with_filter(repeats.clone()));
        tracing::subscriber::with_default(subscriber, || events(&repeats));
        let bytes = log.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap().lines().map(str::to_owned).collect()
    }

    #[test]
    fn what_comes_again_is_counted_and_said_once() {
        let lines = logged(|repeats| {
            for number in 0..500 {
                tracing::error!(error = format!("block {number} cannot be read"), "a page could not be made");
                tracing::info!("served");
            }
            repeats.write_all();
        });
        let errors: Vec<_> = lines.iter().filter(|line| line.contains("ERROR")).collect();
        assert_eq!(errors.len(), 2, "{errors:?}");
        assert!(errors[0].contains("block 0 cannot be read"), "the first one is whole: {errors:?}");
        assert!(
            errors[1].contains("times=499") && errors[1].contains("a page could not be made"),
            "{errors:?}"
        );
        assert_eq!(lines.len() - errors.len(), 500, "what is no error is not counted");
    }

    #[test]
    fn what_says_something_else_is_another_kind() {
        let lines = logged(|repeats| {
            for what in ["the disk is full", "a block is damaged", "the disk is full"] {
                tracing::warn!(error = what, "the projection failed");
            }
            repeats.write_all();
        });
        assert_eq!(lines.len(), 3, "{lines:?}");
        assert!(lines[2].contains("times=1") && lines[2].contains("the disk is full"), "{lines:?}");
    }

    #[test]
    fn the_next_minute_begins_with_a_whole_line() {
        let repeats = Repeats::default();
        let lines = logged(|_| {});
        assert!(lines.is_empty());
        tracing::subscriber::with_default(Registry::default(), || {
            let metadata = tracing::error_span!("a place").metadata().map(Metadata::callsite);
            let kind = Kind { place: metadata.unwrap(), text: "full".to_owned() };
            let start = Instant::now();
            assert!(repeats.is_first(kind.clone(), Level::ERROR, start));
            assert!(!repeats.is_first(kind.clone(), Level::ERROR, start));
            assert_eq!(repeats.take(|since| since > start), []);
            let sum = Sum { text: "full".to_owned(), times: 1, level: Level::ERROR };
            assert_eq!(repeats.take(|since| since == start), [sum]);
            assert!(repeats.is_first(kind, Level::ERROR, start));
        });
    }

    /// Guards against a sender who makes every line a kind of its own.
    #[test]
    fn kinds_are_bounded_and_what_is_beyond_is_written() {
        let letters = |number: usize| {
            char::from(b'a' + u8::try_from(number % 26).unwrap()).to_string().repeat(1 + number / 26)
        };
        let repeats = logged(|repeats| {
            for number in 0..REPEATS_KINDS * 2 {
                tracing::warn!("{}", letters(number));
            }
            assert!(repeats.counts().len() <= REPEATS_KINDS);
        });
        assert_eq!(repeats.len(), REPEATS_KINDS * 2);
        assert!(shortened(&"é9".repeat(REPEATS_TEXT_BYTES)).len() <= REPEATS_TEXT_BYTES);
    }
}
