//! The whole program from outside: the command line over real input.

mod bad_input;
mod formats;
mod integrity;
mod kill;
mod lab_a;
mod payload;
mod references;
mod sample;
mod sources;

use tests::cli;
