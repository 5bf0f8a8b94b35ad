//! PostgreSQL's frontend/backend protocol 3.0: start-up with trust, simple queries, text rows.

/// The start-up message.
pub(crate) fn startup(user: &str, database: &str) -> Vec<u8> {
    let mut body = 196_608_u32.to_be_bytes().to_vec();
    for word in ["user", user, "database", database, "client_encoding", "UTF8"] {
        body.extend_from_slice(word.as_bytes());
        body.push(0);
    }
    body.push(0);
    [&(body.len() as u32 + 4).to_be_bytes()[..], &body].concat()
}

/// Authentication accepted, a parameter, ready.
pub(crate) fn welcome() -> Vec<u8> {
    let mut out = tagged(b'R', &[0; 4]);
    out.extend(tagged(b'S', b"server_version\x0016.4\0"));
    out.extend(tagged(b'Z', b"I"));
    out
}

/// A simple query.
pub(crate) fn query(sql: &str) -> Vec<u8> {
    tagged(b'Q', &[sql.as_bytes(), b"\0"].concat())
}

/// Column description, rows, completion, ready.
pub(crate) fn rows(columns: &[&str], rows: &[Vec<String>]) -> Vec<u8> {
    let mut description = (columns.len() as u16).to_be_bytes().to_vec();
    for column in columns {
        description.extend_from_slice(column.as_bytes());
        // Terminator, table 0, attribute 0, type text (25), variable size, no modifier, text format.
        description.extend_from_slice(&[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 25, 0xFF, 0xFF]);
        description.extend_from_slice(&[0xFF, 0xFF, 0xFF, 0xFF, 0, 0]);
    }
    let mut out = tagged(b'T', &description);
    for row in rows {
        let mut body = (row.len() as u16).to_be_bytes().to_vec();
        for value in row {
            body.extend_from_slice(&(value.len() as u32).to_be_bytes());
            body.extend_from_slice(value.as_bytes());
        }
        out.extend(tagged(b'D', &body));
    }
    out.extend(tagged(b'C', format!("SELECT {}\0", rows.len()).as_bytes()));
    out.extend(tagged(b'Z', b"I"));
    out
}

/// The client's goodbye.
pub(crate) fn terminate() -> Vec<u8> {
    tagged(b'X', b"")
}

fn tagged(tag: u8, body: &[u8]) -> Vec<u8> {
    [&[tag][..], &(body.len() as u32 + 4).to_be_bytes(), body].concat()
}
