//! Two flow logs over one web server, with every kind of gap: what the sample incident does not have.

use crate::generated::HEADER;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// 2023-11-14 22:15:00 UTC, the begin of a delivery slot. Unit: seconds.
const BEGUN: i64 = 1_700_000_100;
const MINUTES: i64 = 120;

/// The web server, of which both logs tell.
pub const WEB: &str = "eni-0a4c1e7730b2d5f18";
/// The database, idle in the first hour.
pub const DATABASE: &str = "eni-0b8d60c2f94e1a375";
/// A worker, there at the beginning and at the end.
pub const WORKER: &str = "eni-0c5f29e81d7ab3046";

/// What a log has of an interface in a minute: addresses to bytes, and action and status.
fn told(interface: &str, minute: i64) -> Option<(String, &'static str)> {
    let traffic = |from: &str, to: &str, port: u32, bytes: i64| {
        format!("{from} {to} {} {port} 6 {} {bytes}", 49_200 + minute, 4 + minute % 9)
    };
    let stated = |status| Some(("- - - - - - -".to_owned(), status));
    match interface {
        WEB if (31..34).contains(&minute) => stated("- SKIPDATA"),
        WEB => {
            let from = format!("198.51.100.{}", 40 + minute % 7);
            let outcome = if minute % 11 == 5 { "REJECT OK" } else { "ACCEPT OK" };
            Some((traffic(&from, "10.0.1.10", 443, 900 + 173 * (minute % 13)), outcome))
        }
        DATABASE if minute < MINUTES / 2 => stated("- NODATA"),
        DATABASE => Some((traffic("10.0.1.10", "10.0.2.20", 3306, 2_400 + minute), "ACCEPT OK")),
        _ if (10..100).contains(&minute) => None,
        _ => Some((traffic("10.0.3.30", "10.0.2.20", 3306, 640), "ACCEPT OK")),
    }
}

/// Writes both logs, a file for every five minutes. The first has more fields and lacks one file; the second is about
/// the web server alone.
pub fn write_two_logs(folder: &Path) {
    write_log(folder, "fl-0aa", &[WEB, DATABASE, WORKER], true, Some(9));
    write_log(folder, "fl-0bb", &[WEB], false, None);
}

fn write_log(folder: &Path, name: &str, interfaces: &[&str], long: bool, lost: Option<i64>) {
    fs::create_dir_all(folder).expect("a folder can be made");
    for slot in (0..MINUTES / 5).filter(|slot| Some(*slot) != lost) {
        let mut text = format!("{HEADER}{}\n", if long { " tcp-flags" } else { "" });
        for minute in slot * 5..slot * 5 + 5 {
            let start = BEGUN + minute * 60;
            for interface in interfaces {
                let Some((traffic, outcome)) = told(interface, minute) else { continue };
                let (end, flags) = (start + 59, if long { " 0" } else { "" });
                let _ = writeln!(
                    text,
                    "2 111122223333 {interface} {traffic} {start} {end} {outcome}{flags}"
                );
            }
        }
        let minute = 22 * 60 + 15 + slot * 5;
        let (day, hour, minute) = (14 + minute / 1_440, minute / 60 % 24, minute % 60);
        let file = format!(
            "111122223333_vpcflowlogs_us-east-1_{name}_202311{day}T{hour:02}{minute:02}Z_00c0ffee.log"
        );
        fs::write(folder.join(file), text).expect("a file can be written");
    }
}
