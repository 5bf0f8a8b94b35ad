//! Eight bytes at a time, without a branch for each: words of a line differ in length, and a branch that is guessed wrong
//! costs more than all eight.

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;

/// How many of the bytes, from the first one on, are digits, and their number.
pub(crate) fn digits(bytes: [u8; 8]) -> (i64, usize) {
    let digits = u64::from_le_bytes(bytes) ^ ONES.wrapping_mul(0x30);
    // 10 and more reach the high bit; the carry of no byte reaches the next.
    let others = ((digits & !HIGH).wrapping_add(ONES.wrapping_mul(0x76)) | digits) & HIGH;
    let count = others.trailing_zeros() / 8;
    // The last digit in the last byte, zeros before the first: 8 digits whatever there were.
    let eight = digits.checked_shl(64_u32.wrapping_sub(count.wrapping_mul(8))).unwrap_or(0);
    let pairs = eight.wrapping_mul(10).wrapping_add(eight >> 8);
    const PAIR: u64 = 0x0000_00ff_0000_00ff;
    let upper = (pairs & PAIR).wrapping_mul(100 + (1_000_000 << 32));
    let lower = ((pairs >> 16) & PAIR).wrapping_mul(1 + (10_000 << 32));
    ((upper.wrapping_add(lower) >> 32).cast_signed(), count as usize)
}

/// The place of the first byte that is a space or a control character, 8 if there is none.
pub(crate) fn space(bytes: [u8; 8]) -> usize {
    let bytes = u64::from_le_bytes(bytes);
    // Of the bytes below 0x21 the first is found for certain: only what comes after one can be taken for one.
    let spaces = bytes.wrapping_sub(ONES.wrapping_mul(0x21)) & !bytes & HIGH;
    (spaces.trailing_zeros() / 8) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn as_byte_by_byte(bytes in prop_oneof![any::<[u8; 8]>(), "[0-9 /:\\-]{8}".prop_map(eight)]) {
            let count = bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
            let number = bytes[..count].iter().fold(0, |number, byte| number * 10 + i64::from(byte - b'0'));
            prop_assert_eq!(digits(bytes), (number, count));
            let first = bytes.iter().position(|byte| *byte < 0x21);
            prop_assert_eq!(space(bytes), first.unwrap_or(8));
        }
    }

    fn eight(text: String) -> [u8; 8] {
        text.into_bytes().try_into().expect("eight characters of one byte")
    }
}
