//! From a flow to what was said, down to the byte in the file.

use super::cli::{arg, expect, folder, incident, json, sample_case};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::io::Read;
use std::process::{Command, Stdio};

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value[key].as_str().unwrap_or_else(|| panic!("{key} in {value}"))
}

fn phase(name: &str) -> Value {
    let truth = tests::json("sample-data/truth/truth.json");
    truth["phases"].as_array().unwrap().iter().find(|phase| phase["phase"] == name).unwrap().clone()
}

/// A capture of the sample incident, inflated.
fn capture(name: &str) -> Vec<u8> {
    let path = incident().join(name);
    if !name.ends_with(".gz") {
        return fs::read(path).expect("the capture");
    }
    let mut gzip =
        Command::new("gzip").arg("-dc").arg(path).stdout(Stdio::piped()).spawn().unwrap();
    let mut bytes = Vec::new();
    gzip.stdout.take().unwrap().read_to_end(&mut bytes).unwrap();
    gzip.wait().unwrap();
    bytes
}

#[test]
fn the_injections_are_shown_decoded() {
    let (_guard, case) = sample_case();
    let attack = phase("sql_injection");
    let requests = json(&["transactions", arg(&case), "--protocol", "http"]);
    let decoded: BTreeSet<&str> = requests
        .iter()
        .filter(|request| request["host"] == attack["host"])
        .filter_map(|request| request["uri_decoded"].as_str())
        .collect();
    for expected in [
        "/products?id=1' OR '1'='1' UNION SELECT username,password_hash FROM users-- -",
        "/products?id=1' UNION SELECT table_name, column_name FROM information_schema.columns-- -",
    ] {
        assert!(decoded.contains(expected), "{expected} in {decoded:#?}");
    }
}

#[test]
fn from_the_flow_record_to_the_injection_and_the_bytes_in_the_capture() {
    let (_guard, case) = sample_case();
    let attack = phase("sql_injection");
    // The request with the injection in its body is the last of the six.
    let port = attack["srcports"].as_array().unwrap().last().unwrap();
    let filter = format!("srcaddr == {} && srcport == {port}", text(&attack, "src"));
    let pivot = &json(&["pivot", arg(&case), "--filter", &filter])[0];
    assert_eq!(pivot["verdict"], "full");
    let conversation = pivot["conversations"][0].as_str().unwrap();

    let stream = &json(&["stream", arg(&case), conversation, "--client"])[0];
    let injection = attack["injections"][2]["text"].as_str().unwrap();
    let form = text(stream, "text").to_owned();
    let sent = form.rsplit_once("username=").expect("a form").1;
    assert_eq!(percent_decoded(&format!("username={sent}")), injection);

    // Every byte of the stream stands in the capture where the program says it does.
    let raw = folder("injection").join("client.bin");
    expect(0, &["stream", arg(&case), conversation, "--client", "--raw", arg(&raw)]);
    let raw = fs::read(raw).unwrap();
    let mut covered = 0;
    for piece in stream["pieces"].as_array().unwrap() {
        let number = |key: &str| piece[key].as_u64().unwrap() as usize;
        let file = capture(text(piece, "evidence"));
        let (start, length, offset) = (number("start"), number("length"), number("offset"));
        assert_eq!(raw[start..start + length], file[offset..offset + length], "{piece}");
        assert!(text(piece, "packet").contains('@'));
        covered += length;
    }
    assert_eq!(covered, raw.len());
}

/// A form's text with its encoding undone, the decoder of this test.
fn percent_decoded(text: &str) -> String {
    let mut out = Vec::new();
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'+' => out.push(b' '),
            b'%' => {
                let digits = [bytes.next().unwrap(), bytes.next().unwrap()];
                out.push(u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap());
            }
            other => out.push(other),
        }
    }
    String::from_utf8(out).unwrap()
}

#[test]
fn bodies_have_the_hashes_that_were_sent() {
    let (_guard, case) = sample_case();
    let truth = tests::json("sample-data/truth/truth.json");
    let requests = json(&["transactions", arg(&case), "--protocol", "http"]);
    let found: BTreeSet<&str> = requests
        .iter()
        .flat_map(|request| [&request["request_body_sha256"], &request["response_body_sha256"]])
        .filter_map(Value::as_str)
        .collect();
    let mut looked_for = 0;
    for body in truth["http_bodies"].as_array().unwrap() {
        // What went over TLS is decoded in a later version.
        if body["transport"] != "tcp" || body["length"] == 0 {
            continue;
        }
        let hash = body["decoded_sha256"].as_str().unwrap_or_else(|| text(body, "sha256"));
        assert!(found.contains(hash), "{body}");
        looked_for += 1;
    }
    assert!(looked_for > 50, "{looked_for}");
    let eicar = phase("eicar_download");
    let host = text(&eicar, "host");
    let downloads: Vec<_> = requests.iter().filter(|request| request["host"] == host).collect();
    assert_eq!(downloads.len(), 2, "one plain, one gzip");
    for download in downloads {
        assert_eq!(download["response_body_sha256"], eicar["eicar_sha256"]);
        assert_eq!(download["complete"], true);
    }
}

#[test]
fn bodies_equal_what_tshark_exports() {
    let Ok(_) = Command::new("tshark").arg("--version").output() else {
        #[expect(clippy::print_stderr, reason = "a skipped test says so")]
        {
            eprintln!("skipped: tshark is not installed");
        }
        return;
    };
    let (_guard, case) = sample_case();
    let exported = folder("tshark");
    let capture = incident().join("mirror/collector-1_20260303T093011Z.pcap");
    let objects = format!("http,{}", arg(&exported));
    let status = Command::new("tshark")
        .args(["-r", arg(&capture), "-Q", "--export-objects", &objects])
        .stderr(Stdio::null())
        .status()
        .unwrap();
    assert!(status.success());
    let requests = json(&["transactions", arg(&case), "--protocol", "http"]);
    let ours: BTreeSet<&str> = requests
        .iter()
        .flat_map(|request| [&request["request_body_sha256"], &request["response_body_sha256"]])
        .filter_map(Value::as_str)
        .collect();
    let mut equal = BTreeSet::new();
    for entry in fs::read_dir(&exported).unwrap() {
        let sum = Command::new("sha256sum").arg(entry.unwrap().path()).output().unwrap();
        let hash = String::from_utf8(sum.stdout).unwrap().trim_start_matches('\\')[..64].to_owned();
        if ours.contains(hash.as_str()) {
            equal.insert(hash);
        }
    }
    assert!(equal.len() >= 3, "{} bodies equal tshark's", equal.len());
}

#[test]
fn a_packet_is_taken_apart_down_to_the_inner_frame() {
    let (_guard, case) = sample_case();
    let pivot = &json(&[
        "pivot",
        arg(&case),
        "--filter",
        "verdict == full && dstport == 80",
        "--limit",
        "1",
    ])[0];
    let id = pivot["packet_ids"][0].as_str().unwrap();
    let packet = &json(&["packet", arg(&case), id])[0];
    let names: Vec<&str> =
        packet["layers"].as_array().unwrap().iter().map(|layer| text(layer, "protocol")).collect();
    assert_eq!(names[..7], ["eth", "ip", "udp", "vxlan", "eth", "ip", "tcp"], "{names:?}");
    let bytes = capture(text(packet, "evidence"));
    let start = packet["data_offset"].as_u64().unwrap() as usize;
    let length = packet["caplen"].as_u64().unwrap() as usize;
    let hex: String =
        bytes[start..start + length].iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(packet["bytes"], hex);
}

#[test]
fn a_stream_can_be_saved_as_it_was_sent() {
    let (_guard, case) = sample_case();
    let attack = phase("sql_injection");
    let filter = format!("srcaddr == {} && dstport == 80", text(&attack, "src"));
    let pivot = &json(&["pivot", arg(&case), "--filter", &filter, "--limit", "1"])[0];
    let conversation = pivot["conversations"][0].as_str().unwrap();
    let raw = folder("stream").join("client.bin");
    expect(0, &["stream", arg(&case), conversation, "--client", "--raw", arg(&raw)]);
    let sent = fs::read(raw).unwrap();
    assert!(sent.starts_with(b"GET /products?id="), "{}", sent.escape_ascii());
}
