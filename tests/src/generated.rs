//! Flow logs made for a test.

/// The header line of AWS's default format.
pub const HEADER: &str = "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status";

/// A record, which is another one for each number.
pub fn record(number: usize) -> String {
    format!(
        "2 111122223333 eni-0a4f21c9d3b7e6a10 10.0.1.10 192.0.2.{} 443 {} 6 10 {} 1772496000 1772496060 ACCEPT OK",
        number % 250,
        1024 + number % 60_000,
        840 + number / 60_000
    )
}

/// A header line and the first so many records.
pub fn log(records: usize) -> String {
    let rows: Vec<String> = (0..records).map(record).collect();
    format!("{HEADER}\n{}\n", rows.join("\n"))
}
