//! One line to the values of a record.

use crate::eight;
use crate::field::{Field, FieldKind, FieldSpec};
use crate::layout::words;
use crate::number::{address, int, leading_int, leading_ipv4, time};
use crate::{Cause, Column, Layout, Value};
use evidence::Address;

/// The longest line that is read. AWS's longest record is well under 4 KiB. Unit: bytes.
pub(crate) const LONGEST: usize = 64 * 1024;

/// Stands for a wrong number of columns until they are counted.
const COUNT: Cause = Cause::Columns { expected: 0, found: 0 };

/// Reads the values of `line` into `values`, and says whether its times are in milliseconds. `text` is the line
/// as text, where that is known already.
///
/// # Errors
/// Why the line is no record of this layout; `values` is then to be left alone.
pub(crate) fn parse<'a>(
    line: &'a [u8],
    text: Option<&'a str>,
    layout: &Layout,
    values: &mut Vec<Value<'a>>,
) -> Result<bool, Cause> {
    values.clear();
    let text = match text {
        Some(text) if line.len() <= LONGEST => text,
        _ => self::text(line)?,
    };
    values_of(text, layout, values).map_err(|cause| {
        // A wrong number of columns says more than the first value that therefore stands in the wrong place.
        let (expected, found) = (layout.columns.len(), words(line).count());
        if expected == found { cause } else { Cause::Columns { expected, found } }
    })
}

/// Many lines, checked in one go for what no line may have: that is faster than line by line.
pub(crate) struct Clean<'a>(Option<&'a str>);

impl<'a> Clean<'a> {
    pub(crate) fn of(lines: &'a [u8]) -> Self {
        let nul = memchr::memchr(0, lines).is_some();
        Self(if nul { None } else { std::str::from_utf8(lines).ok() })
    }

    /// The line at `at`, as text, if all lines are.
    pub(crate) fn line(&self, at: usize, line: &[u8]) -> Option<&'a str> {
        self.0?.get(at..at.checked_add(line.len())?)
    }
}

fn values_of<'a>(
    text: &'a str,
    layout: &Layout,
    values: &mut Vec<Value<'a>>,
) -> Result<bool, Cause> {
    let mut words = Words { text, at: 0 };
    let (mut start, mut end, mut milliseconds) = (None, None, false);
    for column in &layout.columns {
        words.skip_space();
        let value = match column {
            Column::Unknown(_) | Column::Others => words.text()?,
            Column::Known(spec) => match spec.kind {
                FieldKind::Text => words.text()?,
                FieldKind::Int => match words.int(spec)? {
                    Some(number) => Value::Int(within_limit(number, spec)?),
                    None => Value::Absent,
                },
                FieldKind::Address => match words.address(spec)? {
                    Some(address) => Value::Address(address),
                    None => Value::Absent,
                },
                FieldKind::Time => match words.int(spec)? {
                    Some(number) => {
                        let (time, fine) = time(number).ok_or(Cause::Time { field: spec.name })?;
                        milliseconds |= fine;
                        match spec.field {
                            Field::Start => start = Some(time),
                            _ => end = Some(time),
                        }
                        Value::Time(time)
                    }
                    None => Value::Absent,
                },
            },
        };
        values.push(value);
    }
    words.skip_space();
    if !words.rest().is_empty() {
        return Err(COUNT);
    }
    match (start, end) {
        (Some(start), Some(end)) if start > end => Err(Cause::StartAfterEnd),
        _ => Ok(milliseconds),
    }
}

/// What is left of a line. Numbers and addresses are read while their end is sought: most of a line is such.
struct Words<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Words<'a> {
    fn rest(&self) -> &'a [u8] {
        self.text.as_bytes().get(self.at..).unwrap_or_default()
    }

    fn skip_space(&mut self) {
        let space = self.rest().iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        self.at = self.at.wrapping_add(space);
    }

    /// The next word.
    fn word(&mut self) -> Result<&'a str, Cause> {
        let mut length = 0_usize;
        let rest = self.rest();
        while let Some(bytes) = rest.get(length..).and_then(<[u8]>::first_chunk) {
            let space = eight::space(*bytes);
            length = length.wrapping_add(space);
            if space < 8 {
                break;
            }
        }
        let rest = rest.get(length..).unwrap_or_default();
        let left = rest.iter().position(u8::is_ascii_whitespace).unwrap_or(rest.len());
        length = length.wrapping_add(left);
        let end = self.at.wrapping_add(length);
        let word = self.text.get(self.at..end).filter(|word| !word.is_empty()).ok_or(COUNT)?;
        self.at = end;
        Ok(word)
    }

    fn text(&mut self) -> Result<Value<'a>, Cause> {
        Ok(match self.word()? {
            "-" => Value::Absent,
            word => Value::Text(word),
        })
    }

    fn int(&mut self, spec: &'static FieldSpec) -> Result<Option<i64>, Cause> {
        if let Some((number, length)) = leading_int(self.rest())
            && self.end_word(length)
        {
            return Ok(Some(number));
        }
        match self.word()? {
            "-" => Ok(None),
            word => int(word.as_bytes()).map(Some).ok_or(Cause::Number { field: spec.name }),
        }
    }

    fn address(&mut self, spec: &'static FieldSpec) -> Result<Option<Address>, Cause> {
        if let Some((octets, length)) = leading_ipv4(self.rest())
            && self.end_word(length)
        {
            return Ok(Some(octets.into()));
        }
        match self.word()? {
            "-" => Ok(None),
            word => address(word).map(Some).ok_or(Cause::Address { field: spec.name }),
        }
    }

    /// Passes over so many bytes if the word ends after them.
    fn end_word(&mut self, length: usize) -> bool {
        let ends = self.rest().get(length).is_none_or(u8::is_ascii_whitespace);
        if ends {
            self.at = self.at.wrapping_add(length);
        }
        ends
    }
}

/// The line as text.
fn text(line: &[u8]) -> Result<&str, Cause> {
    if line.len() > LONGEST {
        Err(Cause::TooLong { limit: LONGEST })
    } else if memchr::memchr(0, line).is_some() {
        Err(Cause::Nul)
    } else {
        std::str::from_utf8(line).map_err(|_| Cause::NotUtf8)
    }
}

/// Why a line is none, as far as that can be said without a layout.
pub(crate) fn cause_without_layout(line: &[u8]) -> Cause {
    text(line).err().unwrap_or(Cause::NoLayout)
}

/// Digits as a number that the field can have.
pub(crate) fn number(word: &str, spec: &'static FieldSpec) -> Result<i64, Cause> {
    within_limit(int(word.as_bytes()).ok_or(Cause::Number { field: spec.name })?, spec)
}

/// The number, if it is one that the field can have.
pub(crate) fn within_limit(number: i64, spec: &'static FieldSpec) -> Result<i64, Cause> {
    let limit = match spec.field {
        Field::SrcPort | Field::DstPort => 65_535,
        Field::Protocol => 255,
        _ => i64::MAX,
    };
    if number > limit { Err(Cause::Limit { field: spec.name, limit }) } else { Ok(number) }
}
