//! Packets in tunnels and in pieces, from the capture to what is told of them.

use super::cli::{add, arg, empty_case, expect, json};
use super::wire::{A, B, fragments, framed, gre, ipv4, mirrored, tcp, udp, vxlan};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

const MIRROR: [u8; 4] = [10, 0, 0, 7];
const INTERFACE: &str = "eni-0aaaaaaaaaaaaaaaa";
/// 2026-03-03T09:00:00Z.
const START: u32 = 1_772_528_400;

/// Writes a capture of Ethernet frames, a second apart.
fn capture(folder: &Path, frames: &[Vec<u8>]) -> PathBuf {
    let mut file = vec![0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    file.extend([0, 0, 4, 0, 1, 0, 0, 0]);
    for (second, frame) in (START..).zip(frames) {
        let length = (frame.len() as u32).to_le_bytes();
        file.extend([second.to_le_bytes(), [0; 4], length, length].concat());
        file.extend(frame);
    }
    let path = folder.join("capture.pcap");
    fs::write(&path, file).unwrap();
    path
}

fn segment(content: &[u8]) -> Vec<u8> {
    ipv4([A, B], 6, &tcp([1234, 443], 1, 2, 0x18, content))
}

fn only(mut values: Vec<Value>) -> Value {
    assert_eq!(values.len(), 1, "{values:?}");
    values.remove(0)
}

#[test]
fn a_capture_is_read_again_when_somebody_says_at_which_port_it_has_tunnels() {
    let (case, evidence) = empty_case("ports");
    let outer = ipv4(
        [MIRROR, [10, 9, 9, 9]],
        17,
        &udp([50_000, 7777], &vxlan(42, &framed(&segment(b"hello")))),
    );
    capture(&evidence, &[framed(&outer)]);
    let protocols = || only(json(&["conversations", arg(&case)]))["protocol"].clone();
    add(&case, &evidence, 0);
    assert_eq!(protocols(), 17);
    let again = ["add", arg(&case), arg(&evidence), "--vxlan-port", "7777"];
    expect(0, &again);
    assert_eq!(protocols(), 6);
    // The journal has it: what is made anew is made at the same port.
    expect(0, &["rebuild", arg(&case)]);
    assert_eq!(protocols(), 6);
    for file in fs::read_dir(case.join("index")).unwrap() {
        fs::remove_file(file.unwrap().path()).unwrap();
    }
    let packets = json(&[
        "packets",
        arg(&case),
        only(json(&["conversations", arg(&case)]))["id"].as_str().unwrap(),
    ]);
    assert_eq!(only(packets)["payload_length"], 5);
    assert_eq!(only(json(&["status", arg(&case)]))["mirror_sessions"][0]["vni"], 42);
}

#[test]
fn a_record_of_gre_leads_to_what_was_said_in_the_tunnel() {
    let (case, evidence) = empty_case("gre");
    let carrying = gre(0, 0x0800, &[], &segment(b"hello"));
    capture(&evidence, &[mirrored(MIRROR, 42, &framed(&carrying))]);
    let session = format!(
        r#"{{"TrafficMirrorSessions":[{{"TrafficMirrorSessionId":"tms-1","NetworkInterfaceId":"{INTERFACE}","VirtualNetworkId":42}}]}}"#
    );
    fs::write(evidence.join("sessions.json"), session).unwrap();
    let (from, to) = ("10.8.8.8", "10.8.8.9");
    let (start, end, bytes) = (START - 5, START + 20, carrying.len());
    let log = format!(
        "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status\n\
         2 111122223333 {INTERFACE} {from} {to} 0 0 47 1 {bytes} {start} {end} ACCEPT OK\n"
    );
    fs::write(evidence.join("flows.log"), log).unwrap();
    add(&case, &evidence, 0);
    let pivot = only(json(&["pivot", arg(&case), "--filter", "protocol == 47"]));
    assert_eq!((&pivot["verdict"], &pivot["packets_seen"]), (&"full".into(), &1.into()), "{pivot}");
    let conversation = only(json(&["conversations", arg(&case)]));
    assert_eq!(pivot["conversations"][0], conversation["id"]);
    assert_eq!((&conversation["protocol"], &conversation["tunnelled"]), (&6.into(), &true.into()));
}

#[test]
fn what_came_in_fragments_is_read_whole_and_each_byte_named_where_it_was_captured() {
    let content: Vec<u8> = (0..200).map(|number| b'a' + number % 26).collect();
    let outer = |packet: &[u8]| {
        let carried = udp([50_000, 4789], &vxlan(42, &framed(packet)));
        ipv4([MIRROR, [10, 9, 9, 9]], 17, &carried)
    };
    let parts = |packet: &[u8], size| {
        fragments(packet, 9, size).iter().map(|part| framed(part)).collect::<Vec<_>>()
    };
    let inner = fragments(&segment(&content), 7, 80);
    let of_inner = inner.iter().map(|part| framed(&outer(part))).collect::<Vec<_>>();
    // The mirror in fragments, what it carries in fragments, and the mirror too short in its first to show what it is.
    for frames in
        [parts(&outer(&segment(&content)), 160), of_inner, parts(&outer(&segment(&content)), 24)]
    {
        let (case, evidence) = empty_case("fragments");
        let file = fs::read(capture(&evidence, &frames)).unwrap();
        add(&case, &evidence, 0);
        let conversations = json(&["conversations", arg(&case)]);
        let talk = conversations.iter().find(|talk| talk["protocol"] == 6).expect("a connection");
        let stream = only(json(&["stream", arg(&case), talk["id"].as_str().unwrap(), "--client"]));
        assert_eq!(stream["text"], String::from_utf8(content.clone()).unwrap());
        let pieces = stream["pieces"].as_array().unwrap();
        let mut at = 0;
        for piece in pieces {
            let number = |key: &str| piece[key].as_u64().unwrap() as usize;
            let (start, length, offset) = (number("start"), number("length"), number("offset"));
            assert_eq!(start, at);
            assert_eq!(content[start..start + length], file[offset..offset + length]);
            // The packet that is named holds the byte.
            let (_, record) = piece["packet"].as_str().unwrap().split_once('@').unwrap();
            let record: usize = record.parse().unwrap();
            let caplen = u32::from_le_bytes(file[record + 8..record + 12].try_into().unwrap());
            assert!(record + 16 <= offset && offset + length <= record + 16 + caplen as usize);
            at += length;
        }
        assert_eq!(at, content.len());
        assert!(pieces.len() > 1, "{pieces:?}");
    }
}
