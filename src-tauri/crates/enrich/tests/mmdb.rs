//! MaxMind databases, whole and damaged.

mod written;

use enrich::{Mmdb, Reference, Scope};
use evidence::Address;
use std::sync::Arc;
use written::{Datum, mmdb, network, spot, v4};

fn address(text: &str) -> Address {
    Address::parse(text).unwrap()
}

fn cities() -> Vec<u8> {
    mmdb(
        "GeoLite2-City",
        &[
            (v4(198, 51, 100, 0), 96 + 24, spot("NL", "Amsterdam")),
            (v4(203, 0, 113, 128), 96 + 25, spot("BR", "São Paulo")),
            (0x2a00_u128 << 112, 16, spot("DE", "Köln")),
        ],
    )
}

fn networks() -> Vec<u8> {
    mmdb("GeoLite2-ASN", &[(v4(198, 51, 100, 0), 96 + 22, network(64_500, "Example Transit"))])
}

#[test]
fn an_address_has_the_labels_of_the_networks_that_hold_it() {
    let reference = Reference {
        spots: Some(Arc::new(Mmdb::read(cities()).unwrap())),
        networks: Some(Arc::new(Mmdb::read(networks()).unwrap())),
        ..Reference::default()
    };
    for (text, country, city, asn) in [
        ("198.51.100.7", Some("NL"), Some("Amsterdam"), Some(64_500)),
        ("198.51.101.7", None, None, Some(64_500)),
        ("203.0.113.127", None, None, None),
        ("203.0.113.128", Some("BR"), Some("São Paulo"), None),
        ("2a00:1::1", Some("DE"), Some("Köln"), None),
        ("2a01::1", None, None, None),
    ] {
        let labels = reference.labels(address(text));
        let found = (labels.spot.country, labels.spot.city, labels.network.number);
        assert_eq!(found, (country, city, asn), "{text}");
        assert!(!labels.unreadable, "{text}");
    }
    let none = Reference::default();
    let labels = none.labels(address("10.0.0.1"));
    assert_eq!((labels.scope, labels.spot.country), (Scope::Private, None));
}

#[test]
fn a_database_says_what_it_holds() {
    let holds = |kind| Mmdb::read(mmdb(kind, &[])).map(|file| file.holds());
    assert!(holds("GeoIP2-Country").unwrap().spots);
    assert!(!holds("GeoIP2-Country").unwrap().cities);
    assert!(holds("DBIP-ASN-Lite").unwrap().networks);
    let both = holds("GeoIP2-Enterprise").unwrap();
    assert!(both.cities && both.networks);
    assert!(holds("GeoIP2-Connection-Type").unwrap_err().found.contains("Connection-Type"));
}

#[test]
fn an_entry_of_another_shape_is_told_and_not_taken_for_none() {
    let odd = Datum::Map(vec![("country", Datum::Text("NL"))]);
    let file = mmdb("GeoLite2-Country", &[(v4(198, 51, 100, 0), 96 + 24, odd)]);
    let spots = Some(Arc::new(Mmdb::read(file).unwrap()));
    let reference = Reference { spots, ..Reference::default() };
    let labels = reference.labels(address("198.51.100.1"));
    assert!(labels.unreadable && labels.spot.country.is_none());
    assert!(!reference.labels(address("198.51.101.1")).unreadable);
    let long: &'static str = "x".repeat(257).leak();
    let file = mmdb("GeoLite2-ASN", &[(v4(198, 51, 100, 0), 96 + 24, network(1, long))]);
    let networks = Some(Arc::new(Mmdb::read(file).unwrap()));
    let reference = Reference { networks, ..Reference::default() };
    assert!(reference.labels(address("198.51.100.1")).unreadable);
}

#[test]
fn every_truncation_and_every_changed_byte_is_survived() {
    let asked =
        ["198.51.100.7", "203.0.113.200", "2a00:1::1", "::", "255.255.255.255"].map(address);
    let survive = |bytes: Vec<u8>| {
        let Ok(file) = Mmdb::read(bytes) else { return };
        let file = Arc::new(file);
        let reference =
            Reference { spots: Some(Arc::clone(&file)), networks: Some(file), aws: None };
        for address in asked {
            let _ = reference.labels(address);
        }
    };
    for whole in [cities(), networks()] {
        for at in 0..whole.len() {
            survive(whole[..at].to_vec());
            for mask in [0x01, 0x20, 0x80, 0xff] {
                let mut changed = whole.clone();
                changed[at] ^= mask;
                survive(changed);
            }
        }
    }
}
