//! A small invented case for the tests, with hostile text wherever text can stand.

use crate::*;
use evidence::Sha256;

const MINUTE: i64 = 60_000_000_000;
/// 2026-11-12 12:00 UTC.
const NOON: i64 = 1_794_484_800_000_000_000;

/// Markup, a script, quotes, controls, a bidirectional override and a NUL.
pub(crate) const HOSTILE: &str = "\"><script>alert('x')</script><img src=x onerror=y>&amp;]]>\0\u{1b}[2J\r\u{202e}gpj.exe\u{2066}\u{feff}";

fn at(minutes: i64) -> i64 {
    NOON + minutes * MINUTE
}

fn text(text: &str) -> String {
    text.to_owned()
}

/// A case as it should look.
pub(crate) fn snapshot() -> Snapshot {
    Snapshot {
        case: Case {
            number: text("IR-2026-041"),
            title: text("Web tier intrusion"),
            examiner: text("A. Examiner, Incident Response"),
            created: at(1_100),
            marking: text("Confidential · prepared for counsel"),
        },
        tool: text("Tidemark 1.0.0 (a1b2c3d)"),
        at: at(2_700),
        head: Head { seq: 212, hash: Sha256::of(b"entry 212") },
        without: Vec::new(),
        summary: text(
            "Between 14:05 and 14:40 UTC an outside host, 203.0.113.66, found and used an SQL injection in the \
             shop on web-1, read the user table, uploaded a script and ran commands through it.\n\nFrom 14:52 \
             the application host contacted 203.0.113.80 every 20 seconds. Flow logs and mirrored packets agree \
             on each step; where packets are missing, this report says why.",
        ),
        evidence: evidence(),
        totals: Totals {
            flow_records: 13_306,
            packets: 88_214,
            conversations: 2_231,
            rejected_lines: 3,
            anomalies: 1,
            first: Some(at(-2)),
            last: Some(at(306)),
            coverage: Coverage {
                full: 7_103,
                partial: 292,
                none: 5_811,
                excess: 0,
                not_comparable: 40,
                without_verdict: 60,
            },
            packets_recorded: 61_975,
            packets_seen: 61_683,
        },
        gaps: vec![
            Gap {
                interface_id: None,
                kind: text("suspected_missing_file"),
                from: at(130),
                to: at(135),
            },
            Gap {
                interface_id: Some(text("eni-0a1b2c3d4e5f60718")),
                kind: text("skipdata"),
                from: at(141),
                to: at(142),
            },
        ],
        sessions: vec![
            MirrorSession {
                source: text("10.20.1.10"),
                vni: 4_211_002,
                interface_id: Some(text("eni-0a1b2c3d4e5f60718")),
                inferred: true,
                packets: 51_203,
            },
            MirrorSession {
                source: text("10.20.2.20"),
                vni: 4_211_003,
                interface_id: None,
                inferred: true,
                packets: 37_011,
            },
        ],
        clocks: vec![Clock {
            collector: text("mirror-02"),
            seconds: Some(2.3104),
            uncertainty: Some(0.0402),
            pairs: 812,
            pinned: false,
        }],
        timeline: timeline(),
        top: vec![TopTable {
            title: text("Destination addresses by bytes"),
            rows: vec![
                row("198.51.100.200", 10, 4_120, 5_310_442),
                row("203.0.113.80", 132, 1_188, 402_118),
            ],
        }],
        findings: findings(),
        notes: vec![Note {
            at: at(1_310),
            author: text("A. Examiner"),
            on: vec![format!("record:{}:8114", Sha256::of(b"log"))],
            text: text("First request of the tool; the user agent names it."),
        }],
        tags: vec![Tag {
            tag: text("attacker"),
            on: vec![format!("conversation:{}@1288410", Sha256::of(b"capture"))],
        }],
    }
}

fn row(value: &str, records: u64, packets: u64, bytes: u64) -> TopRow {
    TopRow { value: text(value), records, packets, bytes }
}

fn evidence() -> Vec<Evidence> {
    let item = |path: &str, kind: &str, size, flow_records, packets, rejected_lines| Evidence {
        path: text(path),
        size,
        sha256: Sha256::of(path.as_bytes()),
        kind: text(kind),
        flow_records,
        packets,
        rejected_lines,
        anomalies: u64::from(packets > 0),
    };
    let log = "AWSLogs/111122223333/vpcflowlogs/eu-central-1/2026/11/12/111122223333_vpcflowlogs_eu-central-1_fl-0f00_20261112T1420Z_9b1c.log.gz";
    vec![
        item(log, "flow log, text", 412_204, 13_306, 0, 3),
        item("captures/mirror-02.pcap.gz", "capture, pcap", 91_288_410, 0, 88_214, 0),
    ]
}

fn timeline() -> Vec<Bucket> {
    let bucket = |minute: i64| {
        let wave = (30 + minute * 7 % 11 + minute * 3 % 5) as u64;
        let scan = if (125..129).contains(&minute) { 90 } else { wave % 4 };
        let sent = if minute == 176 { 5_300_000 } else { 0 };
        Bucket {
            from: at(minute),
            to: at(minute + 1),
            accept_records: wave,
            accept_bytes: wave * 6_400 + sent,
            reject_records: scan,
            reject_bytes: scan * 60,
        }
    };
    (-2..306).map(bucket).collect()
}

fn flow(line: u64, client: bool, seen: u64, packets: u64, bytes: u64) -> Flow {
    let (web, outside) = ((text("10.20.1.10"), 80), (text("203.0.113.66"), 51_544));
    let (source, destination) = if client { (outside, web) } else { (web, outside) };
    Flow {
        reference: format!("{}:{line}", Sha256::of(b"log")),
        path: text(
            "AWSLogs/111122223333/111122223333_vpcflowlogs_eu-central-1_fl-0f00_20261112T1420Z_9b1c.log.gz",
        ),
        line,
        start: Some(at(141) + 7 * MINUTE / 60),
        end: Some(at(142)),
        account_id: Some(text("111122223333")),
        interface_id: Some(text("eni-0a1b2c3d4e5f60718")),
        srcaddr: Some(source.0),
        srcport: Some(source.1),
        dstaddr: Some(destination.0),
        dstport: Some(destination.1),
        protocol: Some(text("tcp")),
        action: Some(text("ACCEPT")),
        flow_direction: Some(text(if client { "ingress" } else { "egress" })),
        tcp_flags: Some(text("SYN FIN")),
        log_status: Some(text("OK")),
        packets: Some(packets),
        bytes: Some(bytes),
        verdict: Some(if seen == packets { Verdict::Full } else { Verdict::Partial }),
        reasons: if seen == packets { vec![] } else { vec![text("missing_packets")] },
        packets_seen: Some(seen),
        bytes_seen: Some(bytes - (packets - seen) * 52),
    }
}

fn findings() -> Vec<Finding> {
    let finding = |title: &str, technique: &str, severity, first| Finding {
        id: text("7f0c2a"),
        title: text(title),
        text: text("One paragraph says what happened.\n\nA second one says how that is known."),
        severity,
        technique: Some(text(technique)),
        author: text("A. Examiner"),
        at: at(1_332),
        revision: 1,
        first: Some(first),
        contradiction: String::new(),
        flows: vec![],
        flows_total: 0,
        conversations: vec![],
        payloads: vec![],
        signatures: vec![],
        queries: vec![],
        withdrawn: None,
    };
    let injection = Finding {
        text: text(
            "Seven requests of one connection carry UNION SELECT expressions in the parameter id, twice \
             URL-encoded in requests 5 to 7. The third is answered with 8,192 bytes that hold names and \
             password hashes.",
        ),
        revision: 3,
        contradiction: text(
            "The two missing packets belong to the client side and carried no payload by their sequence numbers.",
        ),
        flows: vec![flow(8_114, true, 58, 60, 41_208), flow(8_117, false, 71, 71, 92_310)],
        flows_total: 128,
        conversations: vec![Conversation {
            reference: format!("{}@1288410", Sha256::of(b"capture")),
            first: at(141) + 7_114_208_311,
            last: at(141) + 41_000_000_000,
            client: text("203.0.113.66:51544"),
            server: text("10.20.1.10:80"),
            protocol: text("tcp"),
            application: Some(text("http")),
            packets_client: 58,
            packets_server: 71,
            bytes_client: 41_104,
            bytes_server: 92_310,
        }],
        payloads: vec![payload()],
        signatures: vec![Signature {
            rule: text("tidemark/sql_injection_union"),
            place: text("decoded URL, bytes 17–66, packet 12"),
            excerpt: b"' UNION SELECT name,pass FROM users--".to_vec(),
        }],
        queries: vec![Query {
            command: text(
                "tidemark flows IR-2026-041.tidemark --filter 'srcaddr == 203.0.113.66 && dstport == 80'",
            ),
            results: 128,
            sha256: Some(Sha256::of(b"result")),
        }],
        ..finding(
            "SQL injection on web-1, user table returned",
            "T1190 Exploit Public-Facing Application",
            Severity::High,
            at(129),
        )
    };
    vec![
        finding("Port scan of three interfaces", "T1595.001", Severity::Medium, at(125)),
        finding("73 password attempts on bastion", "T1110.001", Severity::High, at(127)),
        injection,
        Finding {
            withdrawn: Some(text("the host is a monitor")),
            ..finding("Beacon to 203.0.113.81", "T1071.001", Severity::Low, at(150))
        },
        finding("5.3 MB sent to 198.51.100.200", "T1041", Severity::Critical, at(176)),
    ]
}

fn payload() -> Payload {
    let request = "GET /products?id=1%27%20UNION%20SELECT%20name,pass%20FROM%20users-- HTTP/1.1\r\n\
                   Host: shop.example.net\r\nUser-Agent: sqlmap/1.7\r\n\r\n";
    let body =
        "<td>admin</td><td>$2y$10$Vq0examplehash</td>\n<script>document.title</script>\0\u{202e}\n";
    let excerpt = |label: &str, decoded, offset, bytes: &[u8], mark, left_out| Excerpt {
        label: text(label),
        decoded,
        offset,
        bytes: bytes.to_vec(),
        left_out,
        marks: vec![mark],
    };
    let tls: Vec<u8> = (0..43).map(|at: u8| at.wrapping_mul(37) ^ 0x16).collect();
    Payload {
        title: text("HTTP request 3 and its response"),
        summary: vec![text(
            "GET http://shop.example.net/products → 200, text/html, gzip 2,114 → 8,192 bytes",
        )],
        excerpts: vec![
            excerpt("Request", false, 0, request.as_bytes(), 18..67, 0),
            excerpt("Response body, inflated", true, 3_092, body.as_bytes(), 18..39, 5_012),
            excerpt("Response, first bytes", false, 288, &tls, 0..4, 2_071),
        ],
        bodies: vec![Body {
            label: text("response body, inflated"),
            length: 8_192,
            sha256: Sha256::of(body.as_bytes()),
        }],
        packets: [(8_411, 1_288_410), (8_412, 1_289_054)]
            .map(|(frame, offset)| Packet {
                file: text("captures/mirror-02.pcap.gz"),
                frame: Some(frame),
                offset,
                time: at(141) + 9_000_120_000 + offset as i64,
            })
            .to_vec(),
    }
}

/// The same case with [`HOSTILE`] in every text that a snapshot has.
pub(crate) fn hostile() -> Snapshot {
    let mut snapshot = snapshot();
    let bad = || text(HOSTILE);
    let some = || Some(text(HOSTILE));
    snapshot.case =
        Case { number: bad(), title: bad(), examiner: bad(), marking: bad(), ..snapshot.case };
    (snapshot.tool, snapshot.summary) = (bad(), bad());
    for item in &mut snapshot.evidence {
        (item.path, item.kind) = (bad(), bad());
    }
    for gap in &mut snapshot.gaps {
        (gap.interface_id, gap.kind) = (some(), bad());
    }
    for session in &mut snapshot.sessions {
        (session.source, session.interface_id) = (bad(), some());
    }
    snapshot.clocks[0].collector = bad();
    (snapshot.top[0].title, snapshot.top[0].rows[0].value) = (bad(), bad());
    (snapshot.notes[0].author, snapshot.notes[0].text) = (bad(), bad());
    snapshot.notes[0].on = vec![bad()];
    snapshot.tags = vec![Tag { tag: bad(), on: vec![bad()] }];
    for finding in &mut snapshot.findings {
        (finding.id, finding.title, finding.text, finding.author) = (bad(), bad(), bad(), bad());
        (finding.technique, finding.contradiction) = (some(), bad());
        if finding.withdrawn.is_some() {
            finding.withdrawn = some();
        }
        for flow in &mut finding.flows {
            (flow.reference, flow.path, flow.reasons) = (bad(), bad(), vec![bad()]);
            (flow.account_id, flow.interface_id, flow.protocol) = (some(), some(), some());
            (flow.srcaddr, flow.dstaddr, flow.action) = (some(), some(), some());
            (flow.flow_direction, flow.tcp_flags, flow.log_status) = (some(), some(), some());
        }
        for conversation in &mut finding.conversations {
            (conversation.reference, conversation.client) = (bad(), bad());
            (conversation.server, conversation.protocol) = (bad(), bad());
            conversation.application = some();
        }
        for payload in &mut finding.payloads {
            (payload.title, payload.summary) = (bad(), vec![bad()]);
            payload.bodies[0].label = bad();
            payload.packets[0].file = bad();
            for excerpt in &mut payload.excerpts {
                (excerpt.label, excerpt.bytes) = (bad(), HOSTILE.as_bytes().to_vec());
                excerpt.marks = vec![5..9, 0..usize::MAX];
                excerpt.offset = u64::MAX;
            }
        }
        for signature in &mut finding.signatures {
            (signature.rule, signature.place) = (bad(), bad());
            signature.excerpt = HOSTILE.as_bytes().to_vec();
        }
        for query in &mut finding.queries {
            query.command = bad();
        }
    }
    snapshot
}
