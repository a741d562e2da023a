//! Read-only, time-limited connections to the product's database.
