use super::super::testing::{Client, Server, decoded, talk};
use crate::{Detail, NamedExchange};

const CLIENT: &[u8] = b"SSH-2.0-OpenSSH_9.6\r\n";

fn offer(lists: [&str; 10]) -> Vec<u8> {
    let mut payload = vec![20];
    payload.extend([5; 16]);
    for list in lists {
        payload.extend((list.len() as u32).to_be_bytes());
        payload.extend(list.as_bytes());
    }
    payload.extend([0; 5]);
    let length = (payload.len() as u32 + 1 + 6).to_be_bytes();
    [&length[..], &[6], &payload, &[0; 6]].concat()
}

const LISTS: [&str; 10] = ["kex", "key", "enc-c", "enc-s", "mac-c", "mac-s", "none", "zip", "", ""];

fn named(client: &[u8], server: &[u8]) -> NamedExchange {
    let mut decoded = decoded(&talk(&[Client(client), Server(server)]), 2222);
    assert_eq!(decoded.application, Some("ssh"));
    let Detail::Named(named) = decoded.transactions.remove(0).detail else { panic!("fields") };
    named
}

#[test]
fn both_sides_are_told_with_what_they_offer() {
    let client = [CLIENT, &offer(LISTS)].concat();
    let server = [b"Welcome to the machine\r\nSSH-2.0-dropbear\n", &offer(LISTS)[..]].concat();
    let named = named(&client, &server);
    assert_eq!(
        (named.asked.as_str(), named.answered.as_str()),
        ("SSH-2.0-OpenSSH_9.6", "SSH-2.0-dropbear")
    );
    assert!(named.complete);
    let value = |name: &str| {
        let field = named.fields.iter().find(|field| field.name == name);
        field.map(|field| field.value.clone())
    };
    assert_eq!(value("ssh.encryption_algorithms_server_to_client").as_deref(), Some("enc-s"));
    assert_eq!(value("ssh.languages_client_to_server"), None);
    let md5 = |text: &str| Some(super::md5(text.as_bytes()));
    assert_eq!(value("ssh.kex.hassh"), md5("kex;enc-c;mac-c;none"));
    assert_eq!(value("ssh.kex.hasshserver"), md5("kex;enc-s;mac-s;zip"));
}

#[test]
fn a_cut_offer_gives_the_identification_alone() {
    let client = [CLIENT, &offer(LISTS)].concat();
    // The last six bytes are padding.
    for kept in CLIENT.len()..client.len() - 6 {
        let named = named(&client[..kept], b"SSH-2.0-x\r\n");
        let names: Vec<_> = named.fields.iter().map(|field| field.name).collect();
        assert_eq!(names, ["ssh.protocol", "ssh.protocol"], "{kept}");
    }
}

#[test]
fn no_prefix_and_no_flipped_byte_brings_it_down() {
    let client = [CLIENT, &offer(LISTS)].concat();
    for at in 0..client.len() {
        let _ = decoded(&talk(&[Client(&client[..at])]), 22);
        for flip in [1, 0x80, 0xff] {
            let mut changed = client.clone();
            changed[at] ^= flip;
            let _ = decoded(&talk(&[Client(&changed)]), 22);
        }
    }
}
