//! Object keys to file names. Whoever can write to a bucket chooses its keys, so a key is hostile input.

use evidence::Sha256;
use std::path::PathBuf;

/// Longest file name that is written as it is; file systems allow 255 bytes. Unit: bytes.
const LONGEST_NAME: usize = 200;

/// Where the object `key` lands below the folder that was chosen.
///
/// Slashes become folders. Whatever could leave the folder, mean something else to a file system or
/// deceive an eye is written `%XX`; `%` itself too, so that two keys never share a path: `.` and `..`
/// become `%2E` and `%2E%2E`, an empty name (a leading, doubled or last slash) becomes `%`. A name of
/// more than 200 bytes is cut and ends in `%~` and the SHA-256 of the whole.
pub fn relative_path(key: &str) -> PathBuf {
    key.split('/').map(file_name).collect()
}

fn file_name(part: &str) -> String {
    if part.is_empty() {
        return "%".to_owned();
    }
    let dots_only = part.bytes().all(|byte| byte == b'.');
    let mut name = String::new();
    for (at, letter) in part.char_indices() {
        let last = at + letter.len_utf8() == part.len();
        // Windows drops a last dot, and opens a device for a name such as `NUL` whatever follows its dot.
        let safe = if letter == '.' { !dots_only && !last } else { is_plain(letter) };
        if safe && !(at == 0 && is_device(part)) {
            name.push(letter);
        } else {
            let mut bytes = [0; 4];
            for byte in letter.encode_utf8(&mut bytes).bytes() {
                name.push_str(&format!("%{byte:02X}"));
            }
        }
    }
    if name.len() > LONGEST_NAME {
        let mut end = LONGEST_NAME - "%~".len() - 64;
        while !name.is_char_boundary(end) {
            end -= 1;
        }
        name.truncate(end);
        name.push_str(&format!("%~{}", Sha256::of(part.as_bytes())));
    }
    name
}

fn is_plain(letter: char) -> bool {
    letter.is_alphanumeric() || "-_=+@!#$&'(),;[]{}~".contains(letter)
}

fn is_device(part: &str) -> bool {
    let stem = part.split('.').next().unwrap_or(part).to_ascii_uppercase();
    let numbered =
        |name: &str| stem.strip_prefix(name).is_some_and(|digit| digit.len() == 1 && digit != "0");
    ["CON", "PRN", "AUX", "NUL"].contains(&stem.as_str()) || numbered("COM") || numbered("LPT")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{collections::HashSet, path::Component};

    fn check(key: &str, path: &str) {
        assert_eq!(relative_path(key), PathBuf::from(path), "{key:?}");
    }

    #[test]
    fn an_ordinary_key_keeps_its_name() {
        check(
            "AWSLogs/1234/vpcflowlogs/a_T0900Z_b1.log.gz",
            "AWSLogs/1234/vpcflowlogs/a_T0900Z_b1.log.gz",
        );
        check("aws-region=eu-west-1/day=02/x.parquet", "aws-region=eu-west-1/day=02/x.parquet");
        check("Übersicht.log", "Übersicht.log");
    }

    #[test]
    fn a_key_cannot_leave_the_folder() {
        check("../../etc/passwd", "%2E%2E/%2E%2E/etc/passwd");
        check("/etc/passwd", "%/etc/passwd");
        check("a//b/", "a/%/b/%");
        check("./a/.", "%2E/a/%2E");
        check("C:\\Windows", "C%3A%5CWindows");
        check("", "%");
    }

    #[test]
    fn a_name_means_nothing_else_to_a_file_system_or_an_eye() {
        check("a\0b\n", "a%00b%0A");
        check("nul.log", "%6Eul.log");
        check("COM1", "%43OM1");
        check("COM10", "COM10");
        check("end. ", "end.%20");
        check("end.", "end%2E");
        check("gpj\u{202e}exe", "gpj%E2%80%AEexe");
    }

    #[test]
    fn a_long_name_is_cut_and_stays_its_own() {
        let long = |end: char| relative_path(&format!("{}{end}", "ü".repeat(500)));
        assert!(long('a').as_os_str().len() <= LONGEST_NAME);
        assert_ne!(long('a'), long('b'));
        assert!(relative_path(&"%".repeat(1024)).as_os_str().len() <= LONGEST_NAME);
    }

    #[test]
    fn two_keys_never_share_a_path() {
        let pieces = ["", ".", "..", "%", "%2E", "/", "a", "\\", "%~", "A", " "];
        let after = |keys: Vec<String>| -> Vec<String> {
            keys.iter().flat_map(|key| pieces.map(|piece| format!("{key}{piece}"))).collect()
        };
        let keys: HashSet<_> = after(after(after(vec![String::new()]))).into_iter().collect();
        let paths: HashSet<_> = keys.iter().map(|key| relative_path(key)).collect();
        assert_eq!(paths.len(), keys.len());
        for path in paths {
            assert!(path.components().all(|part| matches!(part, Component::Normal(_))), "{path:?}");
        }
    }
}
