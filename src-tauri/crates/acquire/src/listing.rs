//! Which objects there are.

use crate::{AcquireError, Connection, Location};
use aws_sdk_s3::{primitives::DateTime, types::EncodingType};

/// An object as the service lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    /// The whole key, the location's prefix included.
    pub key: String,
    /// Unit: bytes.
    pub size: u64,
    /// The service's mark of this content, as it writes it, quotes included.
    pub etag: Option<String>,
    /// When the object was written. Unit: µs since 1970, UTC.
    pub last_modified: Option<i64>,
}

impl Connection {
    /// Every object whose key begins with the location's prefix, in the service's order (by key).
    pub fn list(&self, location: &Location) -> Result<Vec<Object>, AcquireError> {
        self.runtime.block_on(async {
            let mut pages = self
                .client
                .list_objects_v2()
                .bucket(&location.bucket)
                .prefix(&location.prefix)
                // A key may hold characters that XML cannot.
                .encoding_type(EncodingType::Url)
                .into_paginator()
                .send();
            let mut objects = Vec::new();
            while let Some(page) = pages.next().await {
                let page = page
                    .map_err(|error| AcquireError::service(format!("listing {location}"), error))?;
                let encoded = page.encoding_type() == Some(&EncodingType::Url);
                objects.extend(page.contents().iter().filter_map(|listed| {
                    let key = listed.key()?;
                    Some(Object {
                        key: if encoded { decode(key) } else { key.to_owned() },
                        size: listed.size().and_then(|size| size.try_into().ok()).unwrap_or(0),
                        etag: listed.e_tag().map(str::to_owned),
                        last_modified: listed.last_modified().and_then(micros),
                    })
                }));
            }
            Ok(objects)
        })
    }
}

pub(crate) fn micros(time: &DateTime) -> Option<i64> {
    i64::try_from(time.as_nanos() / 1_000).ok()
}

/// Undoes the encoding of keys in a listing: `%XX` is a byte, `+` a space.
fn decode(key: &str) -> String {
    let mut bytes = Vec::with_capacity(key.len());
    let mut rest = key.as_bytes();
    while let [first, after @ ..] = rest {
        let escaped = match rest {
            [b'%', high, low, ..] => hex(*high).zip(hex(*low)).map(|(high, low)| high << 4 | low),
            _ => None,
        };
        bytes.push(match (escaped, first) {
            (Some(byte), _) => byte,
            (None, b'+') => b' ',
            (None, byte) => *byte,
        });
        rest = if escaped.is_some() { &rest[3..] } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|digit| digit.try_into().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listed_key_is_decoded_once() {
        let check = |key: &str, expect: &str| assert_eq!(decode(key), expect);
        check("logs/a+b%2Bc%01", "logs/a b+c\u{1}");
        check("%25zz%C3%BC", "%zzü");
        check("%zz%4", "%zz%4");
    }
}
