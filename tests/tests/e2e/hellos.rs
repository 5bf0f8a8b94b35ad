//! What TLS and SSH say in clear, held against published fingerprints and against tshark.

use super::cli::{arg, empty_case, lines, tidemark};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// TLS behind SOCKS, which is not read.
const BEHIND_SOCKS: &str = "socks-https-example.pcap";

/// The captures of the collection; none, with a sentence, where it or tshark is absent.
fn captures() -> Option<Vec<PathBuf>> {
    let folder =
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/captures/foxio-ja4");
    let listed = fs::read_dir(folder.join("pcap")).ok();
    let tshark = Command::new("tshark").arg("-v").output().ok();
    let Some((listed, _)) = listed.zip(tshark) else {
        #[expect(clippy::print_stderr, reason = "a skipped test says so")]
        {
            eprintln!("skipped: no captures at {}, or no tshark", folder.display());
        }
        return None;
    };
    let mut captures: Vec<PathBuf> = listed.map(|entry| entry.unwrap().path()).collect();
    captures.sort();
    Some(captures)
}

/// The values of these fields in the transactions of a protocol, sorted.
fn said(case: &Path, protocol: &str, from: &str, names: &[&str]) -> Vec<String> {
    let listed = tidemark(&["transactions", arg(case), "--protocol", protocol, "--json"]);
    let mut all = Vec::new();
    for transaction in lines(&listed) {
        let fields = transaction["fields"].as_array().unwrap();
        let own = |field: &&Value| from.is_empty() || field["direction"] == from;
        let own: Vec<&Value> = fields.iter().filter(own).collect();
        for name in names {
            let named = own.iter().filter(|field| field["name"] == *name);
            all.extend(named.map(|field| field["value"].as_str().unwrap().to_owned()));
        }
    }
    all.sort();
    all
}

fn tshark(capture: &Path, filter: &str, names: &[&str]) -> Vec<String> {
    let fields = names.iter().flat_map(|name| ["-e", name]);
    let arguments = ["-r", arg(capture), "-Y", filter, "-T", "fields"];
    let output = Command::new("tshark").args(arguments).args(fields).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let values = text.split(['\t', '\n']).filter(|value| !value.is_empty());
    let mut values: Vec<String> = values.map(str::to_owned).collect();
    values.sort();
    values
}

/// JA4 of the hellos over TCP, as the reference implementation gives them.
fn published(capture: &Path) -> Vec<String> {
    let name = capture.file_name().unwrap().to_str().unwrap();
    let path = capture.parent().unwrap().join(format!("../expected-rust/{name}.snap"));
    let Ok(text) = fs::read_to_string(path) else { return Vec::new() };
    let streams = text.split("\n- stream:").filter(|stream| stream.contains("transport: tcp"));
    let of = |stream: &str| {
        stream.lines().find_map(|line| line.strip_prefix("  ja4: ").map(str::to_owned))
    };
    let mut all: Vec<String> = streams.filter_map(of).collect();
    all.sort();
    all
}

#[test]
fn fingerprints_and_names_are_those_that_are_published_and_those_of_tshark() {
    let Some(captures) = captures() else { return };
    let (mut hellos, mut offers) = (0, 0);
    for capture in captures {
        let name = capture.file_name().unwrap().to_str().unwrap().to_owned();
        let (case, _) = empty_case(&name);
        tidemark(&["add", arg(&case), arg(&capture)]);
        let client = |field: &str| said(&case, "tls", "client", &[field]);
        if name == BEHIND_SOCKS {
            assert!(client("tls.handshake.ja4").is_empty());
            continue;
        }
        let of_clients = "tls.handshake.type == 1 && tcp";
        for field in
            ["tls.handshake.ja3", "tls.handshake.ja3_full", "tls.handshake.extensions_server_name"]
        {
            assert_eq!(client(field), tshark(&capture, of_clients, &[field]), "{name} {field}");
        }
        let of_servers = "tls.handshake.type == 2 && tcp";
        let ja3s = ["tls.handshake.ja3s"];
        assert_eq!(
            said(&case, "tls", "server", &ja3s),
            tshark(&capture, of_servers, &ja3s),
            "{name}"
        );
        assert_eq!(client("tls.handshake.ja4"), published(&capture), "{name}");
        hellos += client("tls.handshake.ja4").len();
        let ssh = ["ssh.protocol", "ssh.kex.hassh", "ssh.kex.hasshserver"];
        let own = said(&case, "ssh", "", &ssh);
        assert_eq!(own, tshark(&capture, "ssh", &ssh), "{name}");
        offers += own.len();
    }
    assert!(hellos >= 12 && offers >= 20, "{hellos} {offers}");
}
