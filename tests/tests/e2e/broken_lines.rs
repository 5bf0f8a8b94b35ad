//! One line in a hundred broken, in every way that there is: all are counted by cause and kept with their place, and
//! the rest is loaded.

use super::cli::{add, arg, empty_case, item, json};
use super::generated::{HEADER, record};
use serde_json::Value;
use std::fs;
use std::path::Path;

/// A file as it is written: its bytes, and the elements of it that are to be rejected.
#[derive(Default)]
struct Written {
    bytes: Vec<u8>,
    lines: u64,
    rejected: Vec<Rejected>,
    records: u64,
}

#[derive(Debug, PartialEq)]
struct Rejected {
    line: u64,
    offset: u64,
    length: u64,
    cause: String,
}

impl Written {
    /// A line that is neither record nor rejected.
    fn line(&mut self, line: &[u8]) {
        self.bytes.extend(line);
        self.bytes.push(b'\n');
        self.lines += 1;
    }

    fn record(&mut self, line: &[u8]) {
        self.line(line);
        self.records += 1;
    }

    fn broken(&mut self, line: &[u8], cause: &str) {
        let (offset, length) = (self.bytes.len() as u64, line.len() as u64);
        self.line(line);
        self.rejected.push(Rejected { line: self.lines, offset, length, cause: cause.to_owned() });
    }
}

/// Loads `written`, and holds what became of it against what was written.
fn check(name: &str, written: &Written) {
    let (case, evidence) = empty_case(name);
    fs::write(evidence.join(name), &written.bytes).unwrap();
    let items = add(&case, &evidence, 1);
    let file = item(&items, name);
    assert_eq!(file["flow_records"], written.records, "{file}");
    assert_eq!(file["rejected_lines"], written.rejected.len() as u64, "{file}");
    let status = &json(&["status", arg(&case)])[0];
    assert_eq!(status["flow_records"], written.records);
    assert_eq!(status["rejected_lines"], written.rejected.len() as u64);
    assert_eq!(status["evidence"][0]["rejected_lines"], written.rejected.len() as u64);
    let kept = rejected(&case);
    for (kept, written) in kept.iter().zip(&written.rejected) {
        assert_eq!(kept, written, "{name}");
    }
    assert_eq!(kept.len(), written.rejected.len());
}

fn rejected(case: &Path) -> Vec<Rejected> {
    let sql =
        "SELECT line, \"offset\", length, cause FROM rejected_lines ORDER BY \"offset\", line";
    let number = |value: &Value| value.as_u64().expect("a number");
    json(&["sql", arg(case), sql])
        .iter()
        .map(|row| Rejected {
            line: number(&row["line"]),
            offset: number(&row["offset"]),
            length: number(&row["length"]),
            cause: row["cause"].as_str().expect("a text").to_owned(),
        })
        .collect()
}

#[test]
fn of_text() {
    let breakages: &[(&str, &str, &str)] = &[
        (" ACCEPT OK", "", "13 columns where the layout has 15"),
        (" ACCEPT OK", " ACCEPT OK OK", "16 columns where the layout has 15"),
        (" 443 ", " forty ", "srcport is not a number"),
        (" 443 ", " 99999999999999999999 ", "srcport is not a number"),
        ("10.0.1.10", "10.0.1.999", "srcaddr is not an address"),
        (" 443 ", " 65536 ", "srcport is above 65535"),
        (" 6 10 ", " 256 10 ", "protocol is above 255"),
        ("1772496000", "1772496000000000", "start is neither seconds nor milliseconds since 1970"),
        ("1772496060", "1772495000", "start is after end"),
        ("ACCEPT", "ACC\u{0}EPT", "a NUL byte"),
        ("ACCEPT", "\u{1}", "not UTF-8"),
        ("ACCEPT", "\u{2}", "longer than 65536 bytes"),
        ("ACCEPT", "\u{3}", "longer than 65536 bytes"),
    ];
    let mut log = Written::default();
    log.broken(b"exported by hand", "no header line before it, and no default format that fits");
    // A column more than any default has, so that nothing fits before the header.
    log.line(format!("{HEADER} mood").as_bytes());
    for number in 0..20_000 {
        let line = record(number) + " calm";
        if number % 100 != 50 {
            log.record(line.as_bytes());
            continue;
        }
        let (there, instead, cause) = breakages[number / 100 % breakages.len()];
        let bytes = match instead {
            // What no text can say.
            "\u{1}" => b"ACC\xffEPT".to_vec(),
            "\u{2}" => vec![b'A'; 70_000],
            "\u{3}" => vec![b'A'; 300_000],
            _ => instead.as_bytes().to_vec(),
        };
        let at = line.find(there).expect("it is there");
        let broken = [&line.as_bytes()[..at], &bytes, &line.as_bytes()[at + there.len()..]];
        log.broken(&broken.concat(), cause);
    }
    check("broken.log", &log);
}

#[test]
fn of_csv() {
    let mut log = Written::default();
    log.line(b"srcaddr,dstaddr,dstport,bytes,start,end");
    for number in 0..4_000 {
        let line = format!("10.0.0.1,10.0.0.2,{number},40,1772496000,1772496060");
        match (number % 100, number / 100 % 4) {
            (50, 0) => log.broken(
                line.replace("10.0.0.1", "\"10.0\".0.1").as_bytes(),
                "a quoted value that does not end where a value ends",
            ),
            (50, 1) => log.broken(b"10.0.0.1,10.0.0.2", "2 columns where the layout has 6"),
            (50, 2) => {
                log.broken(line.replace("10.0.0.2", "host").as_bytes(), "dstaddr is not an address")
            }
            (50, _) => {
                log.broken(line.replace(",40,", ",4e1,").as_bytes(), "bytes is not a number")
            }
            _ => log.record(line.as_bytes()),
        }
    }
    check("broken.csv", &log);
}

#[test]
fn of_json() {
    let many = format!("{{\"srcaddr\":[{}0]}}", "0,".repeat(1_000_000));
    let breakages = [
        ("{\"srcaddr\":tru}", "not JSON from its byte 14 on"),
        (
            "{\"srcaddr\":\"10.0.0.1\",\"srcaddr\":\"10.0.0.2\"}",
            "a JSON object with two members of one name",
        ),
        (
            "{\"srcaddr\":\"10.0.0.1\",\"dstaddr\":\"10.0.0.2\",\"account_id\":[12]}",
            "account-id is not text",
        ),
        ("{\"mood\":\"calm\"}", "not an object with fields of a flow log"),
        ("{\"srcaddr\":\"10.0.0.1\",\"dstport\":\"2014-12-14\"}", "dstport is not a number"),
        (many.as_str(), "more than 1000000 values in one element"),
    ];
    let mut log = Written::default();
    for number in 0..4_000 {
        let line = format!(
            "{{\"srcaddr\":\"10.0.0.1\",\"dstaddr\":\"10.0.0.2\",\"dstport\":{number},\"start\":1772496000}}"
        );
        match number % 100 {
            50 => {
                let (line, cause) = breakages[number / 100 % breakages.len()];
                log.broken(line.as_bytes(), cause);
            }
            _ => log.record(line.as_bytes()),
        }
    }
    let cut = b"{\"srcaddr\":\"10.0.0.1\",\"dst";
    log.broken(cut, "the file ends within it");
    log.bytes.pop();
    check("broken.json", &log);
}
