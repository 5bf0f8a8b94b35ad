//! The crates that inflate, behind one face.

use crate::container::Layer;
use crate::gzip::Gzip;
use bzip2::bufread::BzDecoder;
use flate2::bufread::DeflateDecoder;
use lz4_flex::frame::FrameDecoder;
use lzma_rust2::XzReader;
use std::io::{self, BufRead, Read};

/// The largest zstd window: a power of two. 2^27 is the format's own recommendation and the command's default.
const ZSTD_WINDOW: u32 = 27;
/// The most that an xz dictionary may take; `xz -9` needs 65 MiB. Unit: KiB.
const XZ_MEMORY: u32 = 128 << 10;

/// One member, frame or stream being inflated; its end is the end of the reading.
pub(crate) enum Decoder<R: BufRead> {
    Gzip(Box<Gzip<R>>),
    Deflate(DeflateDecoder<R>),
    Zstd(zstd::stream::read::Decoder<'static, R>),
    Lz4(Box<FrameDecoder<R>>),
    Bzip2(BzDecoder<R>),
    Xz(Box<XzReader<R>>),
}

impl<R: BufRead> Decoder<R> {
    /// Fails only where there is no memory.
    pub(crate) fn new(layer: Layer, source: R) -> io::Result<Self> {
        Ok(match layer {
            Layer::Gzip => Self::Gzip(Box::new(Gzip::new(source))),
            Layer::Deflate => Self::Deflate(DeflateDecoder::new(source)),
            Layer::Zstd => {
                let mut frame = zstd::stream::read::Decoder::with_buffer(source)?.single_frame();
                frame.window_log_max(ZSTD_WINDOW)?;
                Self::Zstd(frame)
            }
            Layer::Lz4 => Self::Lz4(Box::new(FrameDecoder::new(source))),
            Layer::Bzip2 => Self::Bzip2(BzDecoder::new(source)),
            Layer::Xz => Self::Xz(Box::new(XzReader::new_mem_limit(source, false, XZ_MEMORY))),
        })
    }

    pub(crate) fn source(&self) -> &R {
        match self {
            Self::Gzip(decoder) => decoder.get_ref(),
            Self::Deflate(decoder) => decoder.get_ref(),
            Self::Zstd(decoder) => decoder.get_ref(),
            Self::Lz4(decoder) => decoder.get_ref(),
            Self::Bzip2(decoder) => decoder.get_ref(),
            Self::Xz(decoder) => decoder.inner(),
        }
    }

    pub(crate) fn source_mut(&mut self) -> &mut R {
        match self {
            Self::Gzip(decoder) => decoder.get_mut(),
            Self::Deflate(decoder) => decoder.get_mut(),
            Self::Zstd(decoder) => decoder.get_mut(),
            Self::Lz4(decoder) => decoder.get_mut(),
            Self::Bzip2(decoder) => decoder.get_mut(),
            Self::Xz(decoder) => decoder.inner_mut(),
        }
    }

    pub(crate) fn into_source(self) -> R {
        match self {
            Self::Gzip(decoder) => decoder.into_inner(),
            Self::Deflate(decoder) => decoder.into_inner(),
            Self::Zstd(decoder) => decoder.finish(),
            Self::Lz4(decoder) => decoder.into_inner(),
            Self::Bzip2(decoder) => decoder.into_inner(),
            Self::Xz(decoder) => decoder.into_inner(),
        }
    }
}

impl<R: BufRead> Read for Decoder<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Gzip(decoder) => decoder.read(out),
            Self::Deflate(decoder) => decoder.read(out),
            Self::Zstd(decoder) => decoder.read(out),
            Self::Lz4(decoder) => decoder.read(out),
            Self::Bzip2(decoder) => decoder.read(out),
            Self::Xz(decoder) => decoder.read(out),
        }
    }
}
