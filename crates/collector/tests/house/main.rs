//! The structure of the sources, read from the sources.

mod engines;
mod sources;
