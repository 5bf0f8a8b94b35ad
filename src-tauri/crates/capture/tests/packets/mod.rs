//! What the walk over a packet's headers and the joining of fragments owe for every input, whatever it is. The fuzz
//! targets hold each input against this, and so do the tests that read again what they found.

use capture::{
    DEEPEST, Datagram, Decapsulated, DefragmentLimits, Defragmenter, Fragmented, IndexBuilder,
    Inner, Joined, Limits, LinkType, PacketIndex, PacketSink, Piece, Ports, RawPacket, Refusal,
    Taken, Walker, decapsulate,
};
use evidence::{Address, Anomaly};
use std::ops::ControlFlow;

/// Holds the reading of a capture: every packet is a stretch of it, in order, and stands in its index.
pub(crate) fn hold_capture(input: &[u8]) {
    let limits = Limits { packets: 4, flows: 2 };
    let builder = IndexBuilder::new(limits, Ports::default(), Box::<Vec<u8>>::default());
    let mut sink = Held { input, builder, offsets: Vec::new() };
    capture::read(&mut &*input, &mut sink).expect("memory can be read");
    let Held { builder, offsets, .. } = sink;
    assert_eq!(builder.packets(), offsets.len() as u64);
    let (file, _) = builder.finish().expect("there is memory");
    let index = PacketIndex::open(file).expect("it was just written");
    assert_eq!(index.packet_count(), offsets.len() as u64);
    for offset in offsets {
        let packet = index.packet_at(offset).unwrap().expect("every packet has an entry");
        assert_eq!(packet.offset, offset);
    }
    for place in 0..index.flow_count() {
        for packet in index.payloads_of(place).unwrap() {
            let stretches = index.stretches(&packet).unwrap();
            let length: u64 = stretches.iter().map(|stretch| u64::from(stretch.length)).sum();
            assert_eq!(length, u64::from(packet.payload_captured));
            let within = |stretch: &capture::Stretch| {
                stretch.offset + u64::from(stretch.length) <= input.len() as u64
            };
            assert!(stretches.iter().all(within), "a byte that was not captured");
        }
    }
}

struct Held<'a> {
    input: &'a [u8],
    builder: IndexBuilder,
    offsets: Vec<u64>,
}

impl PacketSink for Held<'_> {
    fn packet(&mut self, packet: &RawPacket<'_>) -> ControlFlow<()> {
        assert!(self.offsets.last().is_none_or(|last| *last < packet.offset), "out of order");
        assert_eq!(packet.frame, self.offsets.len() as u64 + 1);
        assert_eq!(packet.data.len(), packet.caplen as usize);
        let start = packet.data_offset as usize;
        assert_eq!(packet.data, &self.input[start..start + packet.data.len()], "other bytes");
        self.offsets.push(packet.offset);
        self.builder.add(packet).expect("there is memory");
        ControlFlow::Continue(())
    }

    fn anomaly(&mut self, anomaly: Anomaly) -> ControlFlow<()> {
        assert!(anomaly.offset <= self.input.len() as u64, "{anomaly}");
        ControlFlow::Continue(())
    }
}

/// Holds the walk over a packet: two bytes of link type, then the packet.
pub(crate) fn hold_decapsulate(input: &[u8]) {
    let Some((number, data)) = input.split_first_chunk::<2>() else { return };
    // Small numbers are worth more tries.
    let link = LinkType::from_number(u16::from_le_bytes(*number) % 300);
    let found = decapsulate(link, data);
    hold_found(&found, data);
    let walked = Walker::default().take(&packet(1, link, data, None));
    assert_eq!(walked.found, found, "a walker sees what alone is seen");
    let fragment = found.inner.as_ref().is_some_and(|inner| inner.fragment.is_some());
    assert!(fragment || walked.refused != Some(Refusal::Whole));
    assert!(walked.joined.is_empty(), "one fragment is no datagram");
    if link == LinkType::Ethernet {
        hold_mirrored(&found, data);
    }
}

/// What is true of every packet that was found in these bytes.
fn hold_found(found: &Decapsulated, data: &[u8]) {
    let Decapsulated { encapsulation, inner, mirrored, stop } = found;
    assert!(encapsulation.tunnels.len() <= DEEPEST);
    assert!(inner.is_some() || stop.is_some(), "nothing, and no reason");
    assert!(encapsulation.vni.is_none_or(|vni| vni < 1 << 24 && encapsulation.source.is_some()));
    assert!(encapsulation.vni.is_none() || encapsulation.key.is_none(), "two names");
    if let Some(inner) = inner {
        hold_inner(inner, data);
    }
    if let Some(mirrored) = mirrored {
        hold_inner(mirrored, data);
        let behind =
            inner.as_ref().is_none_or(|inner| mirrored.network_offset < inner.network_offset);
        assert!(behind && !encapsulation.tunnels.is_empty());
    }
}

fn hold_inner(inner: &Inner, data: &[u8]) {
    let at = inner.network_offset as usize;
    let header = &data[at..];
    assert_eq!(header[0] >> 4, inner.version);
    let (source, destination, least) = match inner.version {
        4 => (address(&header[12..16]), address(&header[16..20]), 20),
        _ => (address(&header[8..24]), address(&header[24..40]), 40),
    };
    assert_eq!((inner.source, inner.destination), (source, destination));
    assert!(inner.ethernet_offset.is_none_or(|ethernet| ethernet + 14 <= inner.network_offset));
    assert!(inner.transport_offset >= inner.network_offset + least);
    assert!(inner.payload_offset >= inner.transport_offset);
    assert!(inner.payload_captured <= inner.payload_length);
    assert!(inner.payload_length <= inner.inner_length);
    let end = inner.payload_offset as usize + inner.payload_captured as usize;
    assert!(inner.payload_captured == 0 || end <= data.len(), "payload beyond what was captured");
    assert!(inner.truncated || at + inner.inner_length as usize <= data.len());
    let later = inner.fragment.is_some_and(|fragment| fragment.offset > 0);
    assert!(!later || (inner.ports.is_none() && inner.tcp.is_none() && inner.icmp.is_none()));
    assert!(inner.tcp.is_none() || inner.ports.is_some());
}

fn address(bytes: &[u8]) -> Address {
    match <[u8; 4]>::try_from(bytes) {
        Ok(four) => Address::from(four),
        Err(_) => Address::from(<[u8; 16]>::try_from(bytes).expect("sixteen bytes")),
    }
}

/// A frame that could be read to the end reads the same in a mirror.
fn hold_mirrored(found: &Decapsulated, frame: &[u8]) {
    let Decapsulated { encapsulation, inner: Some(inner), stop: None, .. } = found else { return };
    if encapsulation.tunnels.len() >= DEEPEST || frame.len() > 60_000 {
        return;
    }
    let mut mirror = vec![2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0, 0x45, 0];
    mirror.extend(((frame.len() + 36) as u16).to_be_bytes());
    mirror.extend([0, 0, 0, 0, 64, 17, 0, 0, 10, 0, 0, 7, 10, 9, 9, 9, 0xc3, 0x50, 0x12, 0xb5]);
    mirror.extend(((frame.len() + 16) as u16).to_be_bytes());
    mirror.extend([0, 0, 8, 0, 0, 0, 0, 0, 42, 0]);
    mirror.extend(frame);
    let copy = decapsulate(LinkType::Ethernet, &mirror);
    if copy.encapsulation.tunnels.is_empty() {
        // Of the frames that lead to IP, these alone are not believed in a mirror: LLC, and NSH.
        let kind = u16::from_be_bytes([frame[12], frame[13]]);
        assert!(kind <= 1500 || kind == 0x894f, "a mirror that was not opened: {kind:#x}");
        return;
    }
    assert_eq!((copy.encapsulation.vni, copy.stop), (Some(42), None));
    let shifted = |inner: &Inner| {
        let mut inner = inner.clone();
        inner.ethernet_offset = inner.ethernet_offset.map(|offset| offset + 50);
        inner.network_offset += 50;
        inner.transport_offset += 50;
        inner.payload_offset += 50;
        inner
    };
    assert_eq!(copy.inner.as_ref(), Some(&shifted(inner)));
}

fn packet(frame: u64, link: LinkType, data: &[u8], time: Option<i64>) -> RawPacket<'_> {
    let length = data.len() as u32;
    let offset = frame * 1000;
    RawPacket {
        offset,
        frame,
        time,
        link,
        caplen: length,
        origlen: length,
        data_offset: offset,
        data,
    }
}

/// Holds the joining of fragments: of packets one after the other, and of what these bytes are when they are cut
/// into fragments.
pub(crate) fn hold_defragment(input: &[u8]) {
    hold_packets(input);
    hold_cut(input);
}

/// A byte of session and time, two of length, an IP packet; and so on.
fn hold_packets(mut input: &[u8]) {
    let mut packets = Vec::new();
    while let Some((head, rest)) = input.split_first_chunk::<3>() {
        let length = usize::from(u16::from_be_bytes([head[1], head[2]])).min(rest.len());
        let (data, rest) = rest.split_at(length);
        packets.push((head[0], data));
        input = rest;
    }
    let few = DefragmentLimits { bytes: 4096, datagrams: 4 };
    for limits in [DefragmentLimits::default(), few] {
        let mut defragmenter = Defragmenter::new(limits);
        let (mut taken, mut whole, mut refused, mut now) = (0, 0, 0, 0i64);
        for (frame, (head, data)) in (1..).zip(&packets) {
            now += i64::from(head >> 4) * 3_000_000_000;
            let Some(inner) = decapsulate(LinkType::Raw, data).inner else { continue };
            let piece = Piece { frame, packet: 0, offset: 0, start: 0, length: data.len() as u32 };
            let (pieces, offset, time) = (&[piece], frame * 1000, Some(now));
            let fragment = Fragmented { data, inner: &inner, pieces, frame, offset, time };
            taken += 1;
            match defragmenter.take(head & 1, &fragment) {
                Taken::Pending => {}
                Taken::Refused(refusal) => refused += u64::from(refusal != Refusal::Whole),
                Taken::Whole(datagram) => {
                    whole += 1;
                    hold_datagram(&datagram, &packets);
                    assert_eq!(
                        datagram.pieces.iter().filter(|piece| piece.frame > frame).count(),
                        0
                    );
                }
            }
        }
        let told = defragmenter.finish();
        assert_eq!((told.fragments, told.datagrams), (taken, whole));
        assert!(told.cut + told.refused >= refused);
        let incomplete = told.timed_out + told.displaced + told.unfinished;
        assert_eq!(told.incomplete.len() as u64, incomplete.min(100));
        assert!(told.conflicting <= told.overlapping && told.overlapping <= told.datagrams);
    }
    let mut walker = Walker::default();
    for (frame, (_, data)) in (1..).zip(&packets) {
        let walked = walker.take(&packet(frame, LinkType::Raw, data, None));
        hold_found(&walked.found, data);
        for joined in &walked.joined {
            hold_joined(joined, frame, &packets);
        }
    }
    walker.finish();
}

fn hold_joined(joined: &Joined, frame: u64, packets: &[(u8, &[u8])]) {
    hold_datagram(&joined.datagram, packets);
    hold_found(&joined.found, &joined.datagram.bytes);
    assert!(joined.given.is_none_or(|given| joined.tunnel && given <= frame));
    assert!(joined.tunnel || !joined.mirror);
    assert!(joined.datagram.pieces.iter().any(|piece| piece.frame == frame), "it came last");
}

/// Behind its header, a datagram is what its pieces say, one after the other.
fn hold_datagram(datagram: &Datagram, packets: &[(u8, &[u8])]) {
    let Datagram { bytes, header_length, pieces, .. } = datagram;
    let mut at = *header_length;
    for piece in pieces {
        assert_eq!(piece.start, at);
        at += piece.length;
        let (_, data) = packets[piece.frame as usize - 1];
        let captured = &data[piece.offset as usize..][..piece.length as usize];
        assert_eq!(captured, &bytes[piece.start as usize..at as usize]);
    }
    assert_eq!(at as usize, bytes.len());
    let inner = decapsulate(LinkType::Raw, bytes);
    let inner = inner.mirrored.or(inner.inner);
    // Where a mirror lies in it, its own header is not given.
    if let Some(inner) = inner.filter(|inner| inner.network_offset == 0) {
        assert_eq!((inner.inner_length as usize, inner.truncated), (bytes.len(), false));
        assert_eq!((inner.fragment, inner.version), (None, datagram.version));
    }
    if datagram.version == 4 {
        let words = bytes[..*header_length as usize].chunks(2);
        let sum: u32 = words.map(|word| u32::from(u16::from_be_bytes([word[0], word[1]]))).sum();
        assert_eq!((sum & 0xffff) + (sum >> 16), 0xffff, "a checksum that is wrong");
    } else {
        assert!(!datagram.overlapping && !datagram.conflicting);
    }
}

/// Cuts the bytes into fragments as their own first ones say, and shuffles and repeats those.
fn hold_cut(input: &[u8]) {
    let Some((how, content)) = input.split_first_chunk::<4>() else { return };
    if content.len() < 16 {
        return;
    }
    let size = (usize::from(how[0]) % 32 + 1) * 8;
    let mut parts: Vec<Vec<u8>> = Vec::new();
    let count = content.len().div_ceil(size);
    for (number, part) in content.chunks(size).enumerate() {
        let place = (number * size / 8) as u16 | if number + 1 < count { 0x2000 } else { 0 };
        let mut packet = vec![0x45, 0];
        packet.extend(((part.len() + 20) as u16).to_be_bytes());
        packet.extend([0, 9]);
        packet.extend(place.to_be_bytes());
        // A protocol in which nobody looks for anything.
        packet.extend([64, 253, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2]);
        packet.extend(part);
        parts.push(packet);
    }
    if count < 2 {
        return;
    }
    parts.rotate_left(usize::from(how[1]) % count);
    if how[2] & 1 == 1 {
        parts.reverse();
    }
    let last = parts.len() - 1;
    parts.insert(last, parts[usize::from(how[3]) % last.max(1)].clone());
    let mut walker = Walker::default();
    let mut joined = Vec::new();
    for (frame, part) in (1..).zip(&parts) {
        joined.extend(walker.take(&packet(frame, LinkType::Ipv4, part, Some(0))).joined);
    }
    assert_eq!(joined.len(), 1, "{} fragments of {size}", parts.len());
    let datagram = &joined[0].datagram;
    assert!(datagram.bytes[20..] == *content, "other bytes than were cut");
    assert_eq!(
        (datagram.duplicates, datagram.overlapping, datagram.conflicting),
        (1, false, false)
    );
    let told = walker.finish();
    assert_eq!((told.datagrams, told.unfinished, told.anomalies.len()), (1, 0, 0));
}
