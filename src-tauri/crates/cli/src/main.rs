//! `tidemark`: every workbench operation, headless.
//!
//! Exit status: 0 done, 1 nothing found, something rejected, or verification failed, 2 error.

mod args;
mod command;
mod print;

use clap::Parser;
use std::io::Write;
use std::process::ExitCode;

fn main() -> ExitCode {
    let args = args::Args::parse();
    let mut out = print::Out::new(args.json);
    let outcome = command::run(args.command, &mut out).and_then(|status| {
        out.flush()?;
        Ok(status)
    });
    match outcome {
        Ok(status) => ExitCode::from(status),
        // The reader of a pipe went away, as `head` does: nothing is wrong.
        Err(error) if print::is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "tidemark: {}", print::error_text(&error));
            ExitCode::from(2)
        }
    }
}
