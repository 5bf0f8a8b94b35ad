//! One compression taken off while reading, damage kept as data.

use crate::Anomaly;
use crate::container::{Layer, skippable};
use crate::decoder::Decoder;
use crate::gzip::{Gzip, Tail};
use crate::layers::{Layers, Medium};
use crate::restart::{Met, SPAN};
use std::io::{self, BufRead, Read};

/// Inflated bytes after which the ratio is looked at. Unit: bytes.
pub(crate) const RATIO_FLOOR: u64 = 1 << 30;
/// Inflated bytes for one byte of the file that no honest log or capture reaches, over all layers together.
pub(crate) const RATIO_CAP: u64 = 500;
/// The longest mark of a member. Unit: bytes.
const MARK: usize = 16;

/// The bytes inside one or more members of one compression.
///
/// A damaged or cut member ends the bytes and leaves an [`Anomaly`] whose offset counts *compressed*
/// bytes; everything before it is given. Only an error of the medium is an error.
pub(crate) struct Inflate<S: Medium> {
    layer: Layer,
    /// The member being read; gone only if there was no memory for it.
    member: Option<Decoder<Layers<S>>>,
    inflated: u64,
    state: State,
    anomaly: Option<Anomaly>,
    points: Option<Points>,
}

/// Where reading could start anew, as far as nobody has taken it yet.
#[derive(Default)]
struct Points {
    met: Vec<Met>,
    /// A place between two blocks, or behind the last one: what comes next tells.
    perhaps: Option<Met>,
    /// Where in the content the last one is.
    last: u64,
}

impl Points {
    fn is_due(&self, content: u64) -> bool {
        content.saturating_sub(self.last) >= SPAN
    }

    fn meet(&mut self, met: Met) {
        self.last = met.content;
        self.met.push(met);
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Reading,
    /// The last member ended as it should.
    Whole,
    /// A member did not.
    Broken,
}

impl<S: Medium> Inflate<S> {
    pub(crate) fn new(layer: Layer, mut compressed: Layers<S>) -> io::Result<Self> {
        skip_frames(layer, &mut compressed)?;
        compressed.take_dry();
        Ok(Self::with(layer, Decoder::new(layer, compressed)?))
    }

    /// Takes a gzip member up where a block starts `bit` bits into the next byte.
    pub(crate) fn resumed(compressed: Layers<S>, window: &[u8], bit: u8) -> io::Result<Self> {
        let gzip = Gzip::resumed(compressed, window, bit)?;
        Ok(Self::with(Layer::Gzip, Decoder::Gzip(Box::new(gzip))))
    }

    fn with(layer: Layer, member: Decoder<Layers<S>>) -> Self {
        let (inflated, state) = (0, State::Reading);
        Self { layer, member: Some(member), inflated, state, anomaly: None, points: None }
    }

    /// Looks out from now on for where reading can start anew.
    pub(crate) fn seek_points(&mut self) {
        self.points.get_or_insert_default();
        self.keep_tail();
    }

    /// The points that were met since this was last asked.
    pub(crate) fn take_points(&mut self) -> Vec<Met> {
        self.points.as_mut().map(|points| std::mem::take(&mut points.met)).unwrap_or_default()
    }

    fn keep_tail(&mut self) {
        if let (Some(_), Some(Decoder::Gzip(gzip))) = (&self.points, &mut self.member) {
            gzip.keep_tail();
        }
    }

    /// After content was read: the place before it was one between blocks, and this may be another.
    fn note_block(&mut self) {
        let (content, file) = (self.inflated, self.position());
        let Some(points) = &mut self.points else { return };
        if let Some(met) = points.perhaps.take() {
            points.meet(met);
        }
        if let Some(Decoder::Gzip(gzip)) = &self.member
            && points.is_due(content)
        {
            let window = gzip.tail_between_blocks().map(Tail::to_vec);
            points.perhaps = window.map(|window| Met { content, file, window: Some(window) });
        }
    }

    /// A member starts at this place of the file.
    fn note_member(&mut self, file: u64) {
        let content = self.inflated;
        if let Some(points) = self.points.as_mut().filter(|points| points.is_due(content)) {
            points.meet(Met { content, file, window: None });
        }
        self.keep_tail();
    }

    pub(crate) fn source(&self) -> Option<&Layers<S>> {
        self.member.as_ref().map(Decoder::source)
    }

    pub(crate) fn source_mut(&mut self) -> Option<&mut Layers<S>> {
        self.member.as_mut().map(Decoder::source_mut)
    }

    pub(crate) fn into_source(self) -> Option<Layers<S>> {
        self.member.map(Decoder::into_source)
    }

    pub(crate) fn anomaly(&self) -> Option<&Anomaly> {
        self.anomaly.as_ref()
    }

    /// Whether the bytes ended where the content did not.
    pub(crate) fn is_broken(&self) -> bool {
        self.state == State::Broken || self.source().is_none_or(Layers::is_broken)
    }

    fn position(&self) -> u64 {
        self.source().map(Layers::position).unwrap_or_default()
    }

    fn stop(&mut self, kind: &'static str, expected: &str, found: String) {
        self.state = State::Broken;
        // What is cut below is cut here too, and was told there.
        let told = self.source().is_some_and(Layers::is_broken);
        self.anomaly = (!told).then(|| Anomaly::new(kind, self.position(), 0, expected, found));
    }

    fn cut(&mut self) {
        let found = "the end of the input".to_owned();
        self.stop(self.layer.cut(), "the rest of a compressed member", found);
    }

    /// Starts the member that follows, if one does.
    fn next_member(&mut self) -> io::Result<()> {
        let Some(member) = self.member.take() else { return Ok(()) };
        if let Some(points) = &mut self.points {
            points.perhaps = None;
        }
        // The lz4 reader takes an end in mid-frame for the end of the frame.
        let mut rest = member.into_source();
        let cut = rest.take_dry() && self.layer == Layer::Lz4;
        let next = if cut { Ok(Next::Nothing) } else { next(self.layer, &mut rest) };
        let position = rest.position();
        rest.take_dry();
        self.member = Some(Decoder::new(self.layer, rest)?);
        match next? {
            Next::Nothing if cut => self.cut(),
            Next::Nothing => self.state = State::Whole,
            Next::Member => self.note_member(position),
            Next::Other(found) => {
                self.state = State::Whole;
                let expected = "another member or the end";
                let kind = self.layer.trailing_bytes();
                self.anomaly = Some(Anomaly::new(kind, position, 0, expected, found));
            }
        }
        Ok(())
    }

    fn check_ratio(&mut self) {
        if self.inflated <= RATIO_FLOOR {
            return;
        }
        let passed = self.source().map(Layers::medium_passed).unwrap_or_default();
        if self.inflated / RATIO_CAP > passed.saturating_add(1) {
            let found = format!("{} bytes out of {passed}", self.inflated);
            self.stop(self.layer.ratio(), "at most 500 bytes for one", found);
        }
    }

    fn failed(&mut self, error: &io::Error) -> io::Result<()> {
        if let Some(cause) = self.source_mut().and_then(Layers::take_failure) {
            return Err(cause);
        }
        if error.kind() == io::ErrorKind::UnexpectedEof {
            self.cut();
        } else {
            self.stop(self.layer.damaged(), "a valid compressed member", error.to_string());
        }
        Ok(())
    }
}

impl<S: Medium> Read for Inflate<S> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.state == State::Reading && !out.is_empty() {
            let Some(member) = self.member.as_mut() else { break };
            match member.read(out) {
                Ok(0) => self.next_member()?,
                Ok(count) => {
                    self.inflated = self.inflated.saturating_add(count as u64);
                    self.note_block();
                    self.check_ratio();
                    return Ok(count);
                }
                Err(error) => self.failed(&error)?,
            }
        }
        Ok(0)
    }
}

/// What comes after a member.
enum Next {
    Nothing,
    Member,
    /// These bytes, which are none of ours.
    Other(String),
}

fn next<S: Medium>(layer: Layer, rest: &mut Layers<S>) -> io::Result<Next> {
    skip_frames(layer, rest)?;
    // Zeros that xz lets stand between and after streams.
    while layer == Layer::Xz && rest.look(4)?.starts_with(&[0; 4]) {
        rest.consume(4);
    }
    let head = rest.look(MARK)?;
    let another = match layer {
        // A damaged mark is a damaged member: nobody appends half a gzip header to a whole file.
        Layer::Gzip => head.first() == Some(&0x1f),
        _ => Layer::sniff(head) == Some(layer),
    };
    Ok(match head.first() {
        None => Next::Nothing,
        Some(_) if another => Next::Member,
        Some(_) => Next::Other(crate::show_bytes(head, 8)),
    })
}

/// Passes over the frames of which lz4 says that readers have to pass over them; zstd's reader does it itself.
fn skip_frames<S: Medium>(layer: Layer, source: &mut Layers<S>) -> io::Result<()> {
    if layer != Layer::Lz4 {
        return Ok(());
    }
    while let Some(mut left) = skippable(source.look(8)?) {
        while left > 0 {
            let ahead = source.look(1)?.len();
            if ahead == 0 {
                return Ok(());
            }
            let part = usize::try_from(left).unwrap_or(usize::MAX).min(ahead);
            source.consume(part);
            left = left.saturating_sub(part as u64);
        }
    }
    Ok(())
}

/// The kinds of anomalies, which are stable.
impl Layer {
    fn cut(self) -> &'static str {
        match self {
            Self::Gzip => "gzip.cut",
            Self::Zstd => "zstd.cut",
            Self::Lz4 => "lz4.cut",
            Self::Bzip2 => "bzip2.cut",
            Self::Xz => "xz.cut",
            Self::Deflate => "deflate.cut",
        }
    }

    fn damaged(self) -> &'static str {
        match self {
            Self::Gzip => "gzip.damaged",
            Self::Zstd => "zstd.damaged",
            Self::Lz4 => "lz4.damaged",
            Self::Bzip2 => "bzip2.damaged",
            Self::Xz => "xz.damaged",
            Self::Deflate => "deflate.damaged",
        }
    }

    /// Bytes behind the last member: the content before them is whole.
    fn trailing_bytes(self) -> &'static str {
        match self {
            Self::Gzip => "gzip.trailing_bytes",
            Self::Zstd => "zstd.trailing_bytes",
            Self::Lz4 => "lz4.trailing_bytes",
            Self::Bzip2 => "bzip2.trailing_bytes",
            Self::Xz => "xz.trailing_bytes",
            Self::Deflate => "deflate.trailing_bytes",
        }
    }

    fn ratio(self) -> &'static str {
        match self {
            Self::Gzip => "gzip.ratio",
            Self::Zstd => "zstd.ratio",
            Self::Lz4 => "lz4.ratio",
            Self::Bzip2 => "bzip2.ratio",
            Self::Xz => "xz.ratio",
            Self::Deflate => "deflate.ratio",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Half a gzip member, then a sector that cannot be read.
    struct Failing(&'static [u8]);

    impl Read for Failing {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            match self.0.read(out)? {
                0 => Err(io::Error::other("bad sector")),
                count => Ok(count),
            }
        }
    }

    impl Medium for Failing {}

    #[test]
    fn an_error_of_the_medium_is_an_error_and_no_damage() {
        let starts: [(_, &[u8]); 5] = [
            (Layer::Gzip, &[0x1f, 0x8b, 8, 0]),
            (Layer::Zstd, &[0x28, 0xb5, 0x2f, 0xfd]),
            (Layer::Lz4, &[0x04, 0x22, 0x4d, 0x18]),
            (Layer::Bzip2, b"BZh9"),
            (Layer::Xz, &[0xfd, b'7', b'z', b'X', b'Z', 0]),
        ];
        for (layer, start) in starts {
            let layers = Layers::bare(Failing(start), 0).inside(layer);
            let mut layers = match layers.and_then(|one| one.inside(Layer::Gzip)) {
                Ok(layers) => layers,
                // Its first bytes are looked at before anything is read.
                Err(error) => {
                    assert_eq!((error.to_string().as_str(), layer), ("bad sector", Layer::Lz4));
                    continue;
                }
            };
            let error = layers.read_on(&mut [0; 8]).unwrap_err();
            assert_eq!(error.to_string(), "bad sector", "{layer:?}");
            assert!(layers.anomalies().is_empty() && !layers.is_broken());
        }
    }
}
