//! Pages inflated, never to more than they say.

use brotli_decompressor::{BrotliDecoderParameter, Decompressor};
use flate2::read::MultiGzDecoder;
use std::io::{Cursor, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Zstandard frames look back no further than the largest page is long. Unit: log2 of bytes.
const ZSTD_WINDOW: u32 = 26;
/// What LZ4 and Snappy make of one byte at most.
const LZ_RATIO: usize = 256;

/// The name of a `CompressionCodec`.
pub(super) fn name(codec: i64) -> &'static str {
    match codec {
        0 => "uncompressed",
        1 => "Snappy",
        2 => "gzip",
        3 => "LZO",
        4 => "Brotli",
        5 => "LZ4 with Hadoop's framing",
        6 => "Zstandard",
        7 => "LZ4",
        _ => "unknown",
    }
}

/// Appends to `out` what `input` inflates to, which has to be `size` bytes.
///
/// # Errors
/// What was found instead.
pub(super) fn inflate(
    codec: i64,
    input: &[u8],
    size: usize,
    out: &mut Vec<u8>,
) -> Result<(), String> {
    let before = out.len();
    // A codec that panics on hostile bytes must not take the process down.
    let result = catch_unwind(AssertUnwindSafe(|| any(codec, input, size, out)));
    result.unwrap_or_else(|_| Err("bytes that the decoder gave up on".to_owned()))?;
    match out.len().saturating_sub(before) {
        found if found == size => Ok(()),
        found if found > size => Err(format!("more than {size} bytes inside")),
        found => Err(format!("{found} bytes inside instead of {size}")),
    }
}

fn any(codec: i64, input: &[u8], size: usize, out: &mut Vec<u8>) -> Result<(), String> {
    // An empty page may have no compressed form at all.
    if input.is_empty() && size == 0 {
        return Ok(());
    }
    match codec {
        0 => out.extend_from_slice(input),
        1 => {
            let length = snap::raw::decompress_len(input).map_err(|error| error.to_string())?;
            block(input, size, length, out, |buffer| {
                let read = snap::raw::Decoder::new().decompress(input, buffer);
                read.map_err(|error| error.to_string())
            })?;
        }
        2 => stream(MultiGzDecoder::new(input), size, out)?,
        4 => {
            let mut decoder = Decompressor::new(Cursor::new(input), 4096);
            // Otherwise a stream may ask for a window of 1 GiB.
            decoder.set_parameter(BrotliDecoderParameter::BROTLI_DECODER_PARAM_LARGE_WINDOW, 0);
            stream(decoder, size, out)?;
        }
        6 => {
            let error = |error: std::io::Error| error.to_string();
            let mut decoder = zstd::Decoder::with_buffer(input).map_err(error)?;
            decoder.window_log_max(ZSTD_WINDOW).map_err(error)?;
            stream(decoder, size, out)?;
        }
        7 => block(input, size, size, out, |buffer| {
            lz4_flex::block::decompress_into(input, buffer).map_err(|error| error.to_string())
        })?,
        _ => return Err(format!("a codec that is not read: {} ({codec})", name(codec))),
    }
    Ok(())
}

/// One byte more than there should be is enough to know.
fn stream(decoder: impl Read, size: usize, out: &mut Vec<u8>) -> Result<(), String> {
    let limit = (size as u64).saturating_add(1);
    decoder.take(limit).read_to_end(out).map_err(|error| error.to_string())?;
    Ok(())
}

/// For codecs that want the room beforehand: it is given only as far as the input can fill it.
fn block(
    input: &[u8],
    size: usize,
    length: usize,
    out: &mut Vec<u8>,
    read: impl FnOnce(&mut [u8]) -> Result<usize, String>,
) -> Result<(), String> {
    if length != size || size > input.len().saturating_mul(LZ_RATIO) {
        return Err(format!("{length} bytes out of {} instead of {size}", input.len()));
    }
    let before = out.len();
    out.resize(before.saturating_add(size), 0);
    let read = read(out.get_mut(before..).unwrap_or_default())?;
    out.truncate(before.saturating_add(read));
    Ok(())
}
