//! The whole program from outside: the command line over real input.

mod again;
mod bad_input;
mod broken_lines;
mod export;
mod formats;
mod hellos;
mod hostile;
mod integrity;
mod kill;
mod known;
mod lab_a;
mod mirror;
mod moved;
mod payload;
mod references;
mod sample;
mod slices;
mod sources;
mod tunnels;
#[path = "../../src-tauri/crates/capture/tests/wire/mod.rs"]
mod wire;
#[path = "../../src-tauri/crates/enrich/tests/written/mod.rs"]
mod written;

use tests::{cli, generated};
