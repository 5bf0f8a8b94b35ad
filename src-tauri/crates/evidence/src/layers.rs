//! The bytes of a file with everything taken off that stands around them.

use crate::buffered::Buffered;
use crate::container::Layer;
use crate::inflate::Inflate;
use crate::restart::Met;
use crate::{Anomaly, Container};
use std::io::{self, BufRead, Read};

/// How much of the file is read at once. Unit: bytes.
const CHUNK: usize = 256 * 1024;
/// How much is read at once between two layers, and above the last one. Unit: bytes.
const BETWEEN: usize = 64 * 1024;
/// Enough to recognise any compression. Unit: bytes.
const MARK: usize = 64;

/// What bytes come from: a file, or a member of an archive, which can itself be damaged.
pub(crate) trait Medium: Read {
    /// Whether the bytes ended before their time.
    fn is_broken(&self) -> bool {
        false
    }

    /// What was wrong with it.
    fn anomalies(&self) -> Vec<Anomaly> {
        Vec::new()
    }
}

/// A medium, and the layers around its content.
pub(crate) enum Layers<S: Medium> {
    /// No layer: the medium's own bytes.
    Bare(Buffered<S>),
    /// What is inside a layer.
    Inside(Box<Buffered<Inflate<S>>>),
}

impl<S: Medium> Layers<S> {
    /// The medium's own bytes, the first of which is at `base`.
    pub(crate) fn bare(medium: S, base: u64) -> Self {
        Self::Bare(Buffered::new(medium, CHUNK, base))
    }

    /// Inside one more layer.
    pub(crate) fn inside(self, layer: Layer) -> io::Result<Self> {
        Ok(Self::Inside(Box::new(Buffered::new(Inflate::new(layer, self)?, BETWEEN, 0))))
    }

    /// Inside a container that is known.
    pub(crate) fn inside_all(self, container: Container) -> io::Result<Self> {
        container.layers().try_fold(self, Self::inside)
    }

    /// Inside a gzip member that is taken up where a block starts `bit` bits into the next byte.
    pub(crate) fn inside_gzip_from(self, window: &[u8], bit: u8) -> io::Result<Self> {
        let inflate = Inflate::resumed(self, window, bit)?;
        Ok(Self::Inside(Box::new(Buffered::new(inflate, BETWEEN, 0))))
    }

    /// The outermost compression, if it is the only one: its offsets are those of the file and of the content.
    fn only_layer(&mut self) -> Option<&mut Inflate<S>> {
        let Self::Inside(bytes) = self else { return None };
        let inflate = bytes.get_mut();
        matches!(inflate.source()?, Self::Bare(_)).then_some(inflate)
    }

    /// Looks out from now on for where reading can start anew.
    pub(crate) fn seek_points(&mut self) {
        if let Some(inflate) = self.only_layer() {
            inflate.seek_points();
        }
    }

    /// The points that were met since this was last asked, before the content behind them is read.
    pub(crate) fn take_points(&mut self) -> Vec<Met> {
        self.only_layer().map(Inflate::take_points).unwrap_or_default()
    }

    /// Takes off every layer that the bytes themselves show. An anomaly says that there are more than are taken off.
    pub(crate) fn peel(medium: S) -> io::Result<(Self, Container, Option<Anomaly>)> {
        let (mut layers, mut container) = (Self::bare(medium, 0), Container::PLAIN);
        while let Some(layer) = Layer::sniff(layers.look(MARK)?) {
            let Some(deeper) = container.and(layer) else {
                let found = format!("{} inside {container}", layer.name());
                let expected = format!("at most {} layers", crate::MAX_LAYERS);
                let deep = Anomaly::new("container.depth", 0, 0, expected, found);
                return Ok((layers, container, Some(deep)));
            };
            layers = layers.inside(layer)?;
            container = deeper;
        }
        Ok((layers, container, None))
    }

    /// What comes next, without taking it.
    pub(crate) fn look(&mut self, count: usize) -> io::Result<&[u8]> {
        // Asked twice, because an error's cause cannot be fetched while the bytes are borrowed.
        let looked = match self {
            Self::Bare(bytes) => bytes.look(count).map(drop),
            Self::Inside(bytes) => bytes.look(count).map(drop),
        };
        self.cause(looked)?;
        match self {
            Self::Bare(bytes) => bytes.look(0),
            Self::Inside(bytes) => bytes.look(0),
        }
    }

    /// Where the next byte is, in the bytes of this layer.
    pub(crate) fn position(&self) -> u64 {
        match self {
            Self::Bare(bytes) => bytes.position(),
            Self::Inside(bytes) => bytes.position(),
        }
    }

    /// How many bytes of the medium were taken.
    pub(crate) fn medium_passed(&self) -> u64 {
        match self {
            Self::Bare(bytes) => bytes.passed(),
            Self::Inside(bytes) => bytes.get_ref().source().map_or(0, Self::medium_passed),
        }
    }

    /// Whether somebody asked for more than there was.
    pub(crate) fn take_dry(&mut self) -> bool {
        match self {
            Self::Bare(bytes) => bytes.take_dry(),
            Self::Inside(bytes) => bytes.take_dry(),
        }
    }

    /// The error of the medium that the last error stood for.
    pub(crate) fn take_failure(&mut self) -> Option<io::Error> {
        match self {
            Self::Bare(bytes) => bytes.take_failure(),
            Self::Inside(bytes) => bytes.take_failure(),
        }
    }

    /// Whether the bytes ended where the content did not: what came last may be cut anywhere.
    pub(crate) fn is_broken(&self) -> bool {
        match self {
            Self::Bare(bytes) => bytes.get_ref().is_broken(),
            Self::Inside(bytes) => bytes.get_ref().is_broken(),
        }
    }

    /// What was wrong, the outermost first.
    pub(crate) fn anomalies(&self) -> Vec<Anomaly> {
        match self {
            Self::Bare(bytes) => bytes.get_ref().anomalies(),
            Self::Inside(bytes) => {
                let inflate = bytes.get_ref();
                let mut all = inflate.source().map(Self::anomalies).unwrap_or_default();
                all.extend(inflate.anomaly().cloned());
                all
            }
        }
    }

    /// Reads every layer to its end, so that the whole medium was read and everything wrong was seen.
    pub(crate) fn drain(&mut self) -> io::Result<()> {
        let mut unread = vec![0; BETWEEN];
        while self.read_on(&mut unread)? > 0 {}
        match self {
            Self::Inside(bytes) => bytes.get_mut().source_mut().map_or(Ok(()), Self::drain),
            Self::Bare(_) => Ok(()),
        }
    }

    /// The medium below all layers.
    pub(crate) fn medium(&self) -> Option<&S> {
        match self {
            Self::Bare(bytes) => Some(bytes.get_ref()),
            Self::Inside(bytes) => bytes.get_ref().source()?.medium(),
        }
    }

    /// The medium, unless it was lost for want of memory.
    pub(crate) fn into_medium(self) -> Option<S> {
        match self {
            Self::Bare(bytes) => Some(bytes.into_inner()),
            Self::Inside(bytes) => bytes.into_inner().into_source()?.into_medium(),
        }
    }

    /// Reads on; an error is the medium's own.
    pub(crate) fn read_on(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = self.read(out);
        self.cause(read)
    }

    fn cause<T>(&mut self, read: io::Result<T>) -> io::Result<T> {
        read.map_err(|error| self.take_failure().unwrap_or(error))
    }
}

/// For the decoders: here an error keeps its cause for [`Layers::take_failure`].
impl<S: Medium> Read for Layers<S> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Bare(bytes) => bytes.read(out),
            Self::Inside(bytes) => bytes.read(out),
        }
    }
}

impl<S: Medium> BufRead for Layers<S> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        match self {
            Self::Bare(bytes) => bytes.fill_buf(),
            Self::Inside(bytes) => bytes.fill_buf(),
        }
    }

    fn consume(&mut self, count: usize) {
        match self {
            Self::Bare(bytes) => bytes.consume(count),
            Self::Inside(bytes) => bytes.consume(count),
        }
    }
}
