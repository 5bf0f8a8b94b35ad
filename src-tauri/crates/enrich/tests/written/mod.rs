//! MaxMind databases for tests, written as the specification has them.

/// A value of the data section.
pub(crate) enum Datum {
    Text(&'static str),
    Number(u32),
    Map(Vec<(&'static str, Datum)>),
}

/// A database of IPv6 addresses with records of 24 bits, in which IPv4 addresses stand below `::/96`; `networks` are
/// the first bits of their addresses, how many, and their entries.
pub(crate) fn mmdb(kind: &'static str, networks: &[(u128, u32, Datum)]) -> Vec<u8> {
    // A node is its two records: nothing, another node, or an entry.
    #[derive(Clone, Copy)]
    enum Record {
        Nothing,
        Node(usize),
        Entry(usize),
    }
    let mut nodes = vec![[Record::Nothing; 2]];
    let mut data = Vec::new();
    for (base, length, entry) in networks {
        let place = data.len();
        write(&mut data, entry);
        let mut node = 0;
        for depth in 0..*length {
            let bit = usize::from(base >> (127 - depth) & 1 == 1);
            if depth + 1 == *length {
                nodes[node][bit] = Record::Entry(place);
            } else if let Record::Node(next) = nodes[node][bit] {
                node = next;
            } else {
                nodes.push([Record::Nothing; 2]);
                nodes[node][bit] = Record::Node(nodes.len() - 1);
                node = nodes.len() - 1;
            }
        }
    }
    let mut file = Vec::new();
    for record in nodes.iter().flatten() {
        let number = match record {
            Record::Nothing => nodes.len(),
            Record::Node(node) => *node,
            Record::Entry(place) => nodes.len() + 16 + place,
        };
        file.extend_from_slice(&(number as u32).to_be_bytes()[1..]);
    }
    file.extend_from_slice(&[0; 16]);
    file.extend_from_slice(&data);
    file.extend_from_slice(b"\xab\xcd\xefMaxMind.com");
    // A map of nine; the languages are an array of none (an extended type: 11 is 7 + 4).
    file.push(7 << 5 | 9);
    write_text(&mut file, "languages");
    file.extend_from_slice(&[0, 4]);
    write_text(&mut file, "description");
    write(&mut file, &Datum::Map(Vec::new()));
    write_text(&mut file, "database_type");
    write_text(&mut file, kind);
    // Each number has the width that the specification gives it: types 6, 5 and 9 (7 + 2).
    write_text(&mut file, "node_count");
    write(&mut file, &Datum::Number(nodes.len() as u32));
    for (key, number) in [
        ("record_size", 24),
        ("ip_version", 6),
        ("binary_format_major_version", 2),
        ("binary_format_minor_version", 0),
    ] {
        write_text(&mut file, key);
        file.extend_from_slice(&[5 << 5 | 2, 0, number]);
    }
    write_text(&mut file, "build_epoch");
    file.extend_from_slice(&[8, 2]);
    file.extend_from_slice(&1_772_000_000_u64.to_be_bytes());
    file
}

/// The first 96 bits of an IPv4 address are zeros there.
pub(crate) fn v4(a: u8, b: u8, c: u8, d: u8) -> u128 {
    u32::from_be_bytes([a, b, c, d]).into()
}

/// An entry of a database of cities.
pub(crate) fn spot(country: &'static str, city: &'static str) -> Datum {
    let names = Datum::Map(vec![("en", Datum::Text(city)), ("de", Datum::Text("anders"))]);
    Datum::Map(vec![
        ("city", Datum::Map(vec![("names", names)])),
        ("country", Datum::Map(vec![("iso_code", Datum::Text(country))])),
    ])
}

/// An entry of a database of networks.
pub(crate) fn network(number: u32, organisation: &'static str) -> Datum {
    Datum::Map(vec![
        ("autonomous_system_number", Datum::Number(number)),
        ("autonomous_system_organization", Datum::Text(organisation)),
    ])
}

fn write(out: &mut Vec<u8>, datum: &Datum) {
    match datum {
        Datum::Text(text) => write_text(out, text),
        // Type 6, four bytes.
        Datum::Number(number) => {
            out.push(6 << 5 | 4);
            out.extend_from_slice(&number.to_be_bytes());
        }
        Datum::Map(pairs) => {
            out.push(7 << 5 | pairs.len() as u8);
            for (key, value) in pairs {
                write_text(out, key);
                write(out, value);
            }
        }
    }
}

fn write_text(out: &mut Vec<u8>, text: &str) {
    // Type 2; up to 28 bytes the length stands beside it, up to 284 in a byte of its own.
    match text.len() {
        length @ 0..=28 => out.push(2 << 5 | length as u8),
        length => out.extend_from_slice(&[2 << 5 | 29, (length - 29) as u8]),
    }
    out.extend_from_slice(text.as_bytes());
}
