//! The snapshot: what a policy wants to know of the product's database.
