//! What a process takes: the figures of the benches.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

/// What a process used.
#[derive(Debug, Clone, Copy)]
pub struct Used {
    /// Time of all its threads, in user and kernel. Unit: s.
    pub cpu: f64,
    /// Unit: s.
    pub wall: f64,
    /// The most that it had. Unit: bytes.
    pub memory: u64,
}

impl Used {
    /// Keeps the run that took less CPU time.
    pub fn better(best: &mut Option<Self>, used: Self) {
        if best.as_ref().is_none_or(|best| used.cpu < best.cpu) {
            *best = Some(used);
        }
    }
}

/// Runs a process to its end, watching its memory.
pub fn run(command: &mut Command) -> Used {
    let (before, begun) = (cpu_of_children(), Instant::now());
    let mut child =
        command.stdout(std::process::Stdio::null()).spawn().expect("the program starts");
    let status = PathBuf::from(format!("/proc/{}/status", child.id()));
    let mut memory = 0;
    loop {
        memory = memory.max(peak_of(&status));
        if let Some(ended) = child.try_wait().expect("the process can be waited for") {
            assert!(ended.success(), "{command:?} ended with {ended}");
            let wall = begun.elapsed().as_secs_f64();
            return Used { cpu: cpu_of_children() - before, wall, memory };
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// CPU time of the processes that this one has waited for. Source: proc(5), cutime and cstime. Unit: s.
fn cpu_of_children() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").expect("Linux tells of its processes");
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let fields: Vec<&str> = after_name.split_whitespace().collect();
    let ticks =
        |at: usize| fields.get(at).and_then(|field| field.parse::<f64>().ok()).unwrap_or(0.0);
    (ticks(13) + ticks(14)) / 100.0
}

/// The most memory that a process had so far. Unit: bytes.
fn peak_of(status: &Path) -> u64 {
    let text = fs::read_to_string(status).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or(0) * 1024
}
