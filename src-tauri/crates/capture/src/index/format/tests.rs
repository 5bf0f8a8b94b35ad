use super::*;
use crate::LinkType;
use crate::hand_made::{ethernet, index, pcap};
use crate::hostile::frames;

fn written() -> (Index, Vec<u8>) {
    let mut packets: Vec<_> = (1_700_000_000_000_000_000..).zip(frames()).collect();
    packets.push((5, ethernet(0x0806, &[0; 28])));
    let index = index(&pcap(LinkType::Ethernet, &packets));
    let mut bytes = Vec::new();
    index.write(&mut bytes).unwrap();
    (index, bytes)
}

#[test]
fn an_index_reads_back_what_it_wrote() {
    let (index, bytes) = written();
    assert!(index.flows.len() >= 2 && index.sessions.len() >= 2);
    assert_eq!(Index::read(&mut &bytes[..]).unwrap(), index);
    let mut empty = Vec::new();
    Index::default().write(&mut empty).unwrap();
    assert_eq!(Index::read(&mut &empty[..]).unwrap().packets, []);
}

#[test]
fn every_changed_cut_or_added_byte_is_found() {
    let (_, bytes) = written();
    for place in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[place] ^= 0x10;
        assert!(Index::read(&mut &changed[..]).is_err(), "byte {place}");
        assert!(Index::read(&mut &bytes[..place]).is_err(), "cut at {place}");
    }
    let longer = [&bytes[..], &[0]].concat();
    assert!(matches!(Index::read(&mut &longer[..]), Err(IndexError::Damaged)));
}

#[test]
fn another_version_or_another_file_says_rebuild() {
    let (_, mut bytes) = written();
    bytes[8] = 9;
    let error = Index::read(&mut &bytes[..]).unwrap_err();
    assert!(matches!(error, IndexError::Version { found: 9 }));
    assert!(error.to_string().contains("rebuild"));
    bytes[0] = b'T';
    assert!(matches!(Index::read(&mut &bytes[..]), Err(IndexError::Foreign)));
}
