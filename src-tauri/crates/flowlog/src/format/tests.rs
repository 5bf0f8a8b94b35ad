use super::*;
use proptest::prelude::*;

const RECORD: &str = "2 123456789010 eni-1235b8ca123456789 172.31.16.139 172.31.16.21 20641 22 6 20 4249 1418530010 1418530070 ACCEPT OK";

fn check(head: &str, expected: Option<&str>) {
    assert_eq!(sniff(head.as_bytes()).map(Format::name), expected, "{head:?}");
}

#[test]
fn a_header_or_what_looks_like_records_is_text() {
    let text = Some("flow_log_text");
    check("version account-id interface-id\n", text);
    check("\u{feff}srcaddr\tdstaddr\r\n10.0.0.1\t10.0.0.2\r\n", text);
    check("\n\nversion vpc-id\n", text);
    check(RECORD, text);
    check(&format!("{RECORD}\n{RECORD}\n2 1234567"), text);
    check(&format!("2015-08-12T13:47:43.000Z {RECORD}\n"), text);
    // Of a format that is not known: it is refused when it is read, with its cause.
    check("2 eni-1235b8ca123456789 172.31.16.139 172.31.16.21\n", text);
    check(&RECORD.replace("1418530010", "141853001"), text);
}

#[test]
fn names_of_columns_in_any_spelling_are_a_table() {
    check("srcaddr,dstaddr,srcport\n", Some("flow_log_csv"));
    check("sourceaddress;destinationport\n", Some("flow_log_csv"));
    check("SrcAddr\tDstPort\n", Some("flow_log_csv"));
    check("\u{feff}\"srcaddr\",\"day\",\"bytes\"\r\n", Some("flow_log_csv"));
    check("[\n{\"srcaddr\":\"10.0.0.1\",\"bytes\":1}]", Some("flow_log_json"));
}

#[test]
fn a_document_that_begins_with_a_long_element_is_recognised() {
    let tuples = "\"1418530010,10.0.0.1,10.0.0.2,20641,22,17,I,D,NX,0,0,0,0\",".repeat(2000);
    let head = format!("{{\"records\":[{{\"flowRecords\":{{\"flows\":[{{\"flowTuples\":[{tuples}");
    check(&head, Some("azure_vnet"));
}

#[test]
fn anything_else_is_no_flow_log() {
    for head in [
        "",
        "\n",
        "{",
        "{}",
        "[]",
        "[{}]",
        "{\"message\":\"GET / HTTP/1.1 200\"}",
        "{\"events\":[{\"timestamp\":1,\"message\":\"START RequestId: 1\"}]}",
        "{\"Records\":[{\"eventVersion\":\"1.08\",\"eventName\":\"ListBuckets\"}]}",
        "{\"FlowLogs\":[{\"FlowLogId\":\"fl-1\"}]}",
        "{\"records\":[{\"category\":\"AzureFirewallNetworkRule\"}]}",
        "The flow log has a version, a start and an end, and the srcaddr of every packet.\n",
        "ts uid id.orig_h id.orig_p proto\n",
        "#separator \\x09\n#path\tdns\n#fields\tts\tuid\tid.orig_h\tid.resp_h\tproto\tquery\n",
        "type,value,comment\nip,203.0.113.5,\n",
        "AccountId,StartTime,EndTime,Region,Type\n",
        "\u{d4c3}\u{b2a1}\x02\0\x04\0",
        "1 2 3 4 5 6 7 8 9 10 11 12 13 14\n",
        "a b c d e f g h i j k l m n\n",
        "10.0.0.1 - - [10/Oct/2000:13:55:36 -0700] \"GET / HTTP/1.0\" 200 2326\n",
    ] {
        check(head, None);
    }
}

proptest! {
    #[test]
    fn noise_is_no_flow_log(head in proptest::collection::vec(any::<u8>(), 0..600)) {
        prop_assume!(!head.starts_with(b"PAR1"));
        prop_assert_eq!(sniff(&head), None);
    }
}
