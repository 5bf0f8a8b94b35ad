//! One message (RFC 1035 §4.1).

use super::{name, record};
use crate::DnsRecord;
use evidence::{Anomaly, Cursor};

#[derive(Debug, Default)]
pub(super) struct Message {
    pub(super) id: u16,
    /// The QR flag.
    pub(super) answer: bool,
    pub(super) opcode: u8,
    /// The TC flag.
    pub(super) truncated: bool,
    /// With the upper bits of EDNS (RFC 6891 §6.1.3).
    pub(super) response_code: u16,
    pub(super) questions: Vec<Question>,
    pub(super) answers: Vec<DnsRecord>,
    pub(super) authority: Vec<DnsRecord>,
    pub(super) additional: Vec<DnsRecord>,
}

#[derive(Debug)]
pub(super) struct Question {
    pub(super) name: String,
    pub(super) kind: u16,
    pub(super) class: u16,
}

impl Message {
    /// Whether chance would hardly give this: one question of a common class, nothing answered in a query.
    pub(super) fn is_ordinary(&self) -> bool {
        let [question] = self.questions.as_slice() else { return false };
        let class = matches!(question.class, 1 | 3 | 4 | 254 | 255);
        class && question.kind != 0 && (self.answer || self.answers.is_empty())
    }
}

/// Reads as much of a message as is there; `None` where not even the header is.
pub(super) fn read(bytes: &[u8]) -> Option<(Message, Vec<Anomaly>)> {
    let mut cursor = Cursor::new(bytes);
    let id = cursor.be16()?;
    let flags = cursor.be16()?;
    let counts = [cursor.be16()?, cursor.be16()?, cursor.be16()?, cursor.be16()?];
    let mut message = Message {
        id,
        answer: flags & 0x8000 != 0,
        // Four bits.
        opcode: ((flags >> 11) & 0x0f) as u8,
        truncated: flags & 0x0200 != 0,
        response_code: flags & 0x0f,
        ..Message::default()
    };
    let mut anomalies = Vec::new();
    let whole = read_sections(bytes, &mut cursor, counts, &mut message, &mut anomalies);
    if whole.is_some() && cursor.remaining() > 0 {
        anomalies.push(Anomaly::new(
            "dns.trailing_bytes",
            cursor.position() as u64,
            cursor.remaining() as u64,
            "the end of the message",
            evidence::show_bytes(cursor.rest(), 64),
        ));
    }
    Some((message, anomalies))
}

/// `None` where the message ends, or cannot be followed, before its counts do; that is stated.
fn read_sections<'m>(
    bytes: &'m [u8],
    cursor: &mut Cursor<'m>,
    [questions, answers, authority, additional]: [u16; 4],
    message: &mut Message,
    anomalies: &mut Vec<Anomaly>,
) -> Option<()> {
    for number in 1..=questions {
        let start = cursor.position();
        let what = || format!("question {number} of {questions}");
        let question = read_question(bytes, cursor, anomalies)
            .or_else(|| cut(what(), bytes, start, anomalies))?;
        message.questions.push(question);
    }
    let sections = [
        (answers, "answer", &mut message.answers),
        (authority, "authority", &mut message.authority),
        (additional, "additional", &mut message.additional),
    ];
    for (count, section, records) in sections {
        for number in 1..=count {
            let start = cursor.position();
            let what = || format!("{section} record {number} of {count}");
            let read = record::read(bytes, cursor, anomalies)
                .or_else(|| cut(what(), bytes, start, anomalies))?;
            if let Some(upper) = read.extended_code {
                message.response_code |= u16::from(upper) << 4;
            }
            records.push(read.record);
        }
    }
    Some(())
}

fn read_question<'m>(
    bytes: &'m [u8],
    cursor: &mut Cursor<'m>,
    anomalies: &mut Vec<Anomaly>,
) -> Option<Question> {
    let name = name::read(bytes, cursor, anomalies)?;
    Some(Question { name, kind: cursor.be16()?, class: cursor.be16()? })
}

fn cut<T>(expected: String, bytes: &[u8], at: usize, anomalies: &mut Vec<Anomaly>) -> Option<T> {
    let left = bytes.len().saturating_sub(at) as u64;
    let found = format!("{left} bytes");
    anomalies.push(Anomaly::new("dns.cut", at as u64, left, expected, found));
    None
}
