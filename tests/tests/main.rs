//! The tests of the whole repository.

mod dependencies;
mod e2e;
mod invariants;
mod page;
