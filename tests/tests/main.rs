//! The tests of the whole repository.

mod dependencies;
mod invariants;
mod window;
