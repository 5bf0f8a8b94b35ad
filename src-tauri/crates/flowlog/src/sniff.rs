//! Is it a flow log?

use crate::infer::infer;
use crate::layout::Header;

/// Windows editors put it before the first line.
pub(crate) const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// The forms that flow logs come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Lines of text.
    Text {
        /// Whether the first line names the columns.
        header: bool,
    },
    /// Apache Parquet, by its first four bytes; its columns tell whether it is a flow log.
    Parquet,
}

/// The form of the flow log that begins with `head` (inflated, some 64 KiB of it), if it is one.
pub fn sniff(head: &[u8]) -> Option<Format> {
    if head.starts_with(b"PAR1") {
        return Some(Format::Parquet);
    }
    let text = head.strip_prefix(BYTE_ORDER_MARK).unwrap_or(head).trim_ascii_start();
    let first = text.split(|byte| *byte == b'\n').next().unwrap_or_default();
    if Header::parse(first).is_some() {
        Some(Format::Text { header: true })
    } else {
        infer(text).map(|_| Format::Text { header: false })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const RECORD: &str = "2 123456789010 eni-1235b8ca123456789 172.31.16.139 172.31.16.21 20641 22 6 20 4249 1418530010 1418530070 ACCEPT OK";

    fn check(head: &str, expected: Option<Format>) {
        assert_eq!(sniff(head.as_bytes()), expected, "{head:?}");
    }

    #[test]
    fn a_header_or_records_of_a_default_format_are_a_flow_log() {
        let (header, none) =
            (Some(Format::Text { header: true }), Some(Format::Text { header: false }));
        check("version account-id interface-id\n", header);
        check("\u{feff}srcaddr\tdstaddr\r\n10.0.0.1\t10.0.0.2\r\n", header);
        check("\n\nversion vpc-id\n", header);
        check(RECORD, none);
        check(&format!("{RECORD}\n{RECORD}\n2 1234567"), none);
        check(&format!("2015-08-12T13:47:43.000Z {RECORD}\n"), none);
        check("PAR1\x15\x04", Some(Format::Parquet));
    }

    #[test]
    fn anything_else_is_not() {
        for head in [
            "",
            "\n",
            "{\"message\":\"2 428961148399 eni-0e0bf7be352692297 - - - - - - - 1671029698 1671029728 - NODATA\"}",
            "The flow log has a version, a start and an end, and the srcaddr of every packet.\n",
            "ts uid id.orig_h id.orig_p proto\n",
            "srcaddr,dstaddr,srcport\n",
            "\u{d4c3}\u{b2a1}\x02\0\x04\0",
            "1 2 3 4 5 6 7 8 9 10 11 12 13 14\n",
            "a b c d e f g h i j k l m n\n",
        ] {
            check(head, None);
        }
        check(&RECORD.replace("1418530010", "141853001"), None);
        check(&RECORD.replace("ACCEPT", "MAYBE"), None);
        check(&RECORD.replace("6 20 4249", "600 20 4249"), None);
    }

    proptest! {
        #[test]
        fn noise_is_not(head in proptest::collection::vec(any::<u8>(), 0..600)) {
            prop_assume!(!head.starts_with(b"PAR1"));
            prop_assert_eq!(sniff(&head), None);
        }
    }

    #[test]
    fn only_an_exchange_of_like_columns_goes_unseen() {
        let words: Vec<_> = RECORD.split(' ').collect();
        let numbers = [0, 1, 5, 6, 7, 8, 9];
        for (a, b) in (0..14).flat_map(|a| (0..a).map(move |b| (b, a))) {
            let mut exchanged = words.clone();
            exchanged.swap(a, b);
            let like = (a, b) == (3, 4) || (numbers.contains(&a) && numbers.contains(&b));
            let seen = sniff(exchanged.join(" ").as_bytes()).is_none();
            assert!(seen || like, "{a} and {b}");
        }
    }
}
