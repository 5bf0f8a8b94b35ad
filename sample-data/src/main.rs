//! `sample-data`: write the sample incident, or a large one for benchmarks.

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::time::Instant;

use clap::Parser;
use sample_data::{DEFAULT_SEED, Plan, generate};

/// Write the sample incident (`incident/`, `truth/`). The same seed gives the same bytes.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// What everything random follows from.
    #[arg(long, default_value_t = DEFAULT_SEED)]
    seed: u64,
    /// The folder that gets both; for a scaled run, `sample-data/generated` is ignored by git.
    #[arg(long)]
    out: PathBuf,
    /// Add about as many flow records of ordinary traffic.
    #[arg(long, default_value_t = 0)]
    flow_records: u64,
    /// Add about as many captured packets of ordinary traffic.
    #[arg(long, default_value_t = 0)]
    packets: u64,
    /// Remove `incident/` and `truth/` in the folder first.
    #[arg(long)]
    replace: bool,
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    for folder in ["incident", "truth"].map(|name| arguments.out.join(name)) {
        if folder.exists() {
            anyhow::ensure!(arguments.replace, "{} exists; --replace removes it", folder.display());
            fs::remove_dir_all(&folder)?;
        }
    }
    let plan = Plan {
        extra_flow_records: arguments.flow_records,
        extra_packets: arguments.packets,
        ..Plan::incident(arguments.seed)
    };
    let began = Instant::now();
    let totals = generate(&plan, &arguments.out)?;
    writeln!(
        std::io::stdout(),
        "{} flow records in {} files, {} frames, {:.1} s",
        totals.flow_records,
        totals.flow_log_files,
        totals.frames,
        began.elapsed().as_secs_f64()
    )?;
    Ok(())
}
