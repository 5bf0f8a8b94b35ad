//! One fuzz target for each format of flow logs, for containers, for each format of archives, and for packets. `FUZZ_TARGET` says
//! which: `flow_log_text`, … as [`Format::name`] has them, `container`, `zip`, `tar`, `decapsulate`, `defragment`, `pcap`, `pcapng`.

#![no_main]

#[path = "../../../src-tauri/crates/evidence/tests/accounts/mod.rs"]
mod bytes;
#[path = "../../../src-tauri/crates/flowlog/tests/accounts/mod.rs"]
mod flows;
#[path = "../../../src-tauri/crates/capture/tests/packets/mod.rs"]
mod packets;

use flowlog::Format;
use libfuzzer_sys::{Corpus, fuzz_target};
use std::path::PathBuf;
use std::sync::LazyLock;

enum Target {
    FlowLog(Format),
    Container(PathBuf),
    Archive(PathBuf),
    Packets(fn(&[u8])),
}

static TARGET: LazyLock<Target> = LazyLock::new(|| {
    let name = std::env::var("FUZZ_TARGET").unwrap_or_default();
    let scratch = || std::env::temp_dir().join(format!("tidemark-fuzz-{}", std::process::id()));
    match name.as_str() {
        "container" => Target::Container(scratch()),
        "zip" | "tar" => Target::Archive(scratch()),
        "decapsulate" => Target::Packets(packets::hold_decapsulate),
        "defragment" => Target::Packets(packets::hold_defragment),
        "pcap" | "pcapng" => Target::Packets(packets::hold_capture),
        _ => Target::FlowLog(Format::named(&name).expect("FUZZ_TARGET names a target")),
    }
});

fuzz_target!(|data: &[u8]| -> Corpus {
    match &*TARGET {
        Target::FlowLog(format) => flows::hold(*format, data),
        Target::Container(scratch) => bytes::hold_container(data, scratch),
        Target::Packets(hold) => hold(data),
        // What is none teaches nothing.
        Target::Archive(scratch) if !bytes::hold_archive(data, scratch) => return Corpus::Reject,
        Target::Archive(_) => {}
    }
    Corpus::Keep
});
