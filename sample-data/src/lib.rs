//! Writes a generated incident: one day of flow logs and traffic-mirror captures of a small shop, with an
//! inventory, a TLS key log and the truth about all of it.
//!
//! It shares no code with the tool that reads such evidence: what the two agree on, both got right.
//! In reading order: `scene` tells the story, `conversation` turns it into packets, `world` shows each packet to
//! the interfaces that see it, `flowlog` and `mirror` write what they saw, `truth` keeps count.

mod clock;
mod conversation;
mod flowlog;
mod hash;
mod mirror;
mod net;
mod packet;
mod rng;
mod scene;
mod sidecar;
mod truth;
mod wire;
mod world;

use std::path::Path;
use std::{fs, io};

/// The seed of the committed incident.
pub const DEFAULT_SEED: u64 = 20_260_303;

const RECEIVED: &str = include_str!("received.md");

/// What to generate.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Everything random follows from it.
    pub seed: u64,
    /// Ordinary visits, in percent of the committed incident's.
    pub baseline_percent: i64,
    /// Connections to bastion's port 22, 2 to 25,000; the last one succeeds.
    pub brute_force_connections: usize,
    /// Sources of the flood, at least 20.
    pub flood_sources: usize,
    /// About as many flow records more, for benchmarks.
    pub extra_flow_records: u64,
    /// About as many captured packets more, for benchmarks.
    pub extra_packets: u64,
}

impl Plan {
    /// The incident as committed, under `seed`.
    pub fn incident(seed: u64) -> Self {
        Self {
            seed,
            baseline_percent: 100,
            brute_force_connections: 10_000,
            flood_sources: 900,
            extra_flow_records: 0,
            extra_packets: 0,
        }
    }

    /// The same story told briefly, for tests.
    pub fn brief(seed: u64) -> Self {
        Self {
            baseline_percent: 15,
            brute_force_connections: 120,
            flood_sources: 20,
            ..Self::incident(seed)
        }
    }

    fn is_scaled(&self) -> bool {
        self.extra_flow_records > 0 || self.extra_packets > 0
    }
}

/// What was written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Totals {
    /// Lines of flow logs without headers, NODATA and SKIPDATA.
    pub flow_records: u64,
    /// Flow-log files.
    pub flow_log_files: u64,
    /// Frames in all captures.
    pub frames: u64,
}

/// Write `incident/` and `truth/` below `out`. A scaled plan leaves the truth per record away.
///
/// # Errors
/// When a file cannot be written. What was there before stays mixed with what is new: start with an empty folder.
pub fn generate(plan: &Plan, out: &Path) -> io::Result<Totals> {
    let (incident, truth) = (out.join("incident"), out.join("truth"));
    let ledger = truth::Ledger::create(&truth, !plan.is_scaled())?;
    let lines_per_file = if plan.is_scaled() { 400_000 } else { 6_000 };
    let mut world = world::World::create(&incident, plan.seed, lines_per_file, ledger)?;
    scene::play(&mut world, plan)?;
    sidecar::write(&incident)?;
    fs::create_dir_all(incident.join("tls"))?;
    fs::write(incident.join("tls/sslkeys.log"), &world.key_log)?;
    fs::write(incident.join("README.md"), RECEIVED)?;
    let ledger = world.ledger;
    let totals = Totals {
        flow_records: ledger.flow_records(),
        flow_log_files: ledger.flow_log_files,
        frames: ledger.captured_frames.iter().sum(),
    };
    ledger.finish(&truth, plan.seed)?;
    Ok(totals)
}
