use crate::byte_order::ByteOrder;
use crate::hand_made::{Gathered, index_file, join_bytes, opened};
use crate::{Format, KeptFact, Limits, LinkType, sniff};

struct Writer {
    order: ByteOrder,
    bytes: Vec<u8>,
}

impl Writer {
    fn new(order: ByteOrder) -> Self {
        let mut writer = Self { order, bytes: Vec::new() };
        writer.section(order);
        writer
    }

    fn section(&mut self, order: ByteOrder) -> &mut Self {
        self.order = order;
        let body = join_bytes(&[&self.u32(0x1a2b_3c4d), &self.u16(1), &self.u16(0), &[0xff; 8]]);
        self.block(0x0a0d_0d0a, &body)
    }

    fn u16(&self, number: u16) -> [u8; 2] {
        match self.order {
            ByteOrder::Little => number.to_le_bytes(),
            ByteOrder::Big => number.to_be_bytes(),
        }
    }

    fn u32(&self, number: u32) -> [u8; 4] {
        match self.order {
            ByteOrder::Little => number.to_le_bytes(),
            ByteOrder::Big => number.to_be_bytes(),
        }
    }

    fn u64(&self, number: u64) -> [u8; 8] {
        match self.order {
            ByteOrder::Little => number.to_le_bytes(),
            ByteOrder::Big => number.to_be_bytes(),
        }
    }

    fn option(&self, code: u16, value: &[u8]) -> Vec<u8> {
        let padding = vec![0; super::options::padding(value.len())];
        join_bytes(&[&self.u16(code), &self.u16(value.len() as u16), value, &padding])
    }

    fn block(&mut self, kind: u32, body: &[u8]) -> &mut Self {
        let length = self.u32((body.len() + 12) as u32);
        let block = join_bytes(&[&self.u32(kind), &length, body, &length]);
        self.bytes.extend(block);
        self
    }

    fn interface(&mut self, link: u16, snaplen: u32, options: &[u8]) -> &mut Self {
        let body = join_bytes(&[&self.u16(link), &[0, 0], &self.u32(snaplen), options]);
        self.block(1, &body)
    }

    fn enhanced(&mut self, interface: u32, ticks: u64, data: &[u8], options: &[u8]) -> &mut Self {
        let length = self.u32(data.len() as u32);
        let padding = vec![0; super::options::padding(data.len())];
        let (hi, lo) = (self.u32((ticks >> 32) as u32), self.u32(ticks as u32));
        let id = self.u32(interface);
        let body = join_bytes(&[&id, &hi, &lo, &length, &length, data, &padding, options]);
        self.block(6, &body)
    }
}

#[test]
fn both_byte_orders_and_all_packet_blocks_are_read() {
    for order in [ByteOrder::Little, ByteOrder::Big] {
        let mut writer = Writer::new(order);
        let nanoseconds = writer.option(9, &[9]);
        writer.interface(1, 4, &[]).interface(101, 0, &nanoseconds);
        writer.enhanced(0, 1_000_001, b"abc", &[]).enhanced(1, 1_000_001, b"", &[]);
        let simple = join_bytes(&[&writer.u32(60), b"abcd"]);
        writer.block(3, &simple);
        let mut old = join_bytes(&[&writer.u16(0), &writer.u16(9), &writer.u32(0), &writer.u32(7)]);
        old.extend(join_bytes(&[&writer.u32(2), &writer.u32(2), b"xy\0\0"]));
        writer.block(2, &old);
        assert_eq!(sniff(&writer.bytes), Some(Format::PcapNg));
        let read = Gathered::of(&writer.bytes);
        assert_eq!(read.faults(), []);
        assert_eq!(
            read.packets,
            [
                (76, 1, Some(1_000_001_000), b"abc".to_vec()),
                (112, 2, Some(1_000_001), b"".to_vec()),
                (144, 3, None, b"abcd".to_vec()),
                (164, 4, Some(7_000), b"xy".to_vec()),
            ]
        );
        let raw = LinkType::Raw;
        let ether = LinkType::Ethernet;
        assert_eq!(read.links, [ether, raw, ether, ether]);
    }
}

#[test]
fn a_section_may_change_the_byte_order_and_forgets_the_interfaces() {
    let mut writer = Writer::new(ByteOrder::Little);
    writer.interface(1, 0, &[]).enhanced(0, 1, b"a", &[]);
    writer.section(ByteOrder::Big).enhanced(0, 1, b"b", &[]);
    writer.interface(101, 0, &[]).enhanced(0, 1, b"c", &[]);
    let read = Gathered::of(&writer.bytes);
    let data: Vec<_> = read.packets.iter().map(|packet| packet.3.clone()).collect();
    assert_eq!(data, [b"a", b"c"]);
    assert_eq!(read.faults(), [("pcapng.interface", 112, 36)]);
}

#[test]
fn comments_counters_names_and_secrets_are_facts() {
    let mut writer = Writer::new(ByteOrder::Big);
    let comment = writer.option(1, b"seen by hand");
    writer.interface(1, 0, &comment).enhanced(0, 1, b"ab", &comment);
    let counters = join_bytes(&[
        &[0; 12],
        &writer.option(4, &writer.u64(100)),
        &writer.option(5, &writer.u64(3)),
        &writer.option(7, &writer.u64(4)),
    ]);
    let keys = join_bytes(&[&writer.u32(0x544c_534b), &writer.u32(3), b"key\0"]);
    let names = join_bytes(&[
        &writer.option(1, b"\x0a\0\0\x07web\0web.example\0"),
        &writer.option(9, b"of a kind to come"),
        &writer.option(2, b"\xfe\x80\0\0\0\0\0\0\0\0\0\0\0\0\0\x01router"),
        &[0; 4],
    ]);
    writer.block(5, &counters).block(10, &keys).block(4, &names).block(0x0bad, &[0; 4]);
    let read = Gathered::of(&writer.bytes);
    assert_eq!(read.faults(), [("pcapng.drops", 116, 0)]);
    assert!(read.anomalies[0].found.starts_with("7 dropped"));
    assert_eq!(
        read.facts,
        [
            "Comment { offset: 28, frame: None, text: \"seen by hand\" }",
            "Comment { offset: 64, frame: Some(1), text: \"seen by hand\" }",
            "Drops { offset: 116, interface: 0, received: Some(100), dropped_by_interface: Some(3), \
             dropped_by_system: Some(4) }",
            "Secrets { offset: 192, kind: 1414288203, secrets: [107, 101, 121] }",
            "Name { offset: 200, address: 10.0.0.7, name: \"web\" }",
            "Name { offset: 200, address: 10.0.0.7, name: \"web.example\" }",
            "Name { offset: 200, address: fe80::1, name: \"router\" }",
        ]
    );

    // The index keeps them, but for the secrets themselves.
    let index = opened(index_file(&writer.bytes, Limits::default()));
    let kept = index.facts().unwrap();
    assert_eq!(kept.len(), read.facts.len());
    let secrets = KeptFact::Secrets { offset: 192, kind: 0x544c_534b, length: 3 };
    assert_eq!((&kept[3], index.omitted_facts()), (&secrets, 0));
    let said: Vec<_> = kept.iter().map(|fact| format!("{fact:?}")).collect();
    assert_eq!([&said[..3], &said[4..]].concat(), [&read.facts[..3], &read.facts[4..]].concat());
}

#[test]
fn of_very_many_comments_the_rest_is_counted() {
    let mut writer = Writer::new(ByteOrder::Little);
    let comment = writer.option(1, &[b'x'; 60_000]);
    writer.interface(1, 0, &[]);
    for _ in 0..100 {
        writer.enhanced(0, 1, b"a", &comment);
    }
    let index = opened(index_file(&writer.bytes, Limits::default()));
    assert_eq!((index.facts().unwrap().len(), index.omitted_facts()), (69, 31));
}

/// A capture of three packets, and where their blocks start.
fn three() -> (Vec<u8>, [usize; 3]) {
    let mut writer = Writer::new(ByteOrder::Little);
    writer.interface(1, 0, &[]);
    let starts = [b"a", b"b", b"c"].map(|data| {
        let start = writer.bytes.len();
        writer.enhanced(0, 1, data, &[]);
        start
    });
    (writer.bytes, starts)
}

/// What is read when the byte at `place` of the second of three packet blocks has this value.
fn check(place: usize, value: u8, packets: usize, fault: &str, length: u64) {
    let (mut bytes, [_, second, _]) = three();
    bytes[second + place] = value;
    let read = Gathered::of(&bytes);
    assert_eq!(read.packets.len(), packets, "{:?}", read.anomalies);
    let (kind, offset, found) = read.faults()[0];
    assert_eq!((kind, offset, found), (fault, second as u64, length));
    assert_eq!(read.packets.last().unwrap().3, b"c");
}

#[test]
fn after_a_damaged_block_reading_goes_on_with_the_next() {
    check(4, 0, 2, "pcapng.block_length", 36);
    check(4, 37, 2, "pcapng.block_length", 36);
    check(7, 0x7f, 2, "pcapng.block_length", 36);
    check(5, 1, 2, "pcapng.block_cut", 36);
    check(4, 32, 2, "pcapng.block_trailer", 36);
    check(8, 9, 2, "pcapng.interface", 36);
    check(20, 200, 2, "pcapng.captured_length", 36);
}

#[test]
fn a_block_whose_second_length_is_wrong_is_used_if_the_first_leads_on() {
    check(32, 0, 3, "pcapng.block_trailer", 36);
    let (mut bytes, _) = three();
    let last = bytes.len() - 4;
    bytes[last] = 0;
    assert_eq!(Gathered::of(&bytes).packets.len(), 3);
}

#[test]
fn a_cut_block_is_an_anomaly_that_says_how_much_was_there() {
    let (bytes, [_, _, third]) = three();
    let read = Gathered::of(&bytes[..third + 20]);
    assert_eq!(read.packets.len(), 2);
    assert_eq!(read.faults(), [("pcapng.block_cut", third as u64, 20)]);
}

#[test]
fn a_block_too_short_for_its_fields_is_told() {
    let mut writer = Writer::new(ByteOrder::Little);
    for kind in [1, 2, 3, 5, 6, 10] {
        writer.block(kind, &[]);
    }
    let faults = Gathered::of(&writer.bytes).faults();
    assert_eq!(faults.len(), 6);
    assert!(faults.iter().all(|(kind, _, length)| (*kind, *length) == ("pcapng.block_short", 12)));
}

#[test]
fn a_time_that_does_not_fit_is_told_and_absent() {
    let mut writer = Writer::new(ByteOrder::Little);
    let seconds = writer.option(9, &[0]);
    writer.interface(1, 0, &seconds).enhanced(0, u64::MAX, b"a", &[]);
    let read = Gathered::of(&writer.bytes);
    assert_eq!(read.packets[0].2, None);
    assert_eq!(read.faults()[0].0, "pcapng.time_range");
}
