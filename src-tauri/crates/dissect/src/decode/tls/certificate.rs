//! X.509 certificates (RFC 5280) of a Certificate message (RFC 5246 §7.4.2).

use super::super::fields::OfMessage;
use evidence::{Cursor, Sha256};
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer as _, X509Certificate};
use x509_parser::time::ASN1Time;

/// Names of one certificate that are told.
const NAMES: usize = 200;

/// The DER form of each certificate, that of the server first.
pub(super) fn chain(body: &[u8]) -> Vec<&[u8]> {
    let mut cursor = Cursor::new(body);
    let Some(length) = cursor.be24() else { return Vec::new() };
    let all = cursor.rest();
    let mut cursor = Cursor::new(all.get(..length as usize).unwrap_or(all));
    let mut found = Vec::new();
    while let Some(length) = cursor.be24() {
        let Some(der) = cursor.take(length as usize) else { break };
        found.push(der);
    }
    found
}

pub(super) fn tell(der: &[u8], fields: &mut OfMessage<'_>) {
    fields.add("x509.sha256", Sha256::of(der).to_string());
    let Ok((_, certificate)) = X509Certificate::from_der(der) else {
        fields.add("x509.unread", "it is not in the form of RFC 5280");
        return;
    };
    fields.add("x509.subject", visible(&certificate.subject().to_string()));
    fields.add("x509.issuer", visible(&certificate.issuer().to_string()));
    fields.add("x509.serial", certificate.raw_serial_as_string());
    fields.add("x509.not_before", time(&certificate.validity().not_before));
    fields.add("x509.not_after", time(&certificate.validity().not_after));
    if let Ok(Some(alternatives)) = certificate.subject_alternative_name() {
        for name in alternatives.value.general_names.iter().take(NAMES) {
            match name {
                GeneralName::DNSName(name) => fields.add("x509.dns_name", visible(name)),
                GeneralName::IPAddress(bytes) => {
                    let address = <[u8; 4]>::try_from(*bytes).map(evidence::Address::from);
                    let address = address.or_else(|_| <[u8; 16]>::try_from(*bytes).map(Into::into));
                    if let Ok(address) = address {
                        fields.add("x509.ip_address", address.to_string());
                    }
                }
                _ => {}
            }
        }
    }
}

fn visible(text: &str) -> String {
    crate::escape(text.as_bytes())
}

/// RFC 3339, in UTC.
fn time(time: &ASN1Time) -> String {
    let time = time.to_datetime();
    let (date, clock) = (time.date(), time.time());
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z",
        date.year(),
        u8::from(date.month()),
        date.day(),
        clock.hour(),
        clock.minute(),
        clock.second()
    )
}
