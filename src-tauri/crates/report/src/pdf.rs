//! The report as PDF, laid out by typst in a world that holds a template, the document and fonts.
//!
//! The template is ours and fixed. The document enters it as JSON, so that text from outside is a string
//! value there and never markup. There are no files, no packages and no clock.

use crate::compose::compose;
use crate::document::{Block, Document};
use crate::format;
use crate::snapshot::Snapshot;
use crate::text::{Span, Style, Text};
use std::sync::LazyLock;
use typst::diag::{FileError, FileResult, SourceDiagnostic};
use typst::foundations::{Bytes, Datetime, Duration, Smart};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, Timestamp};

const TEMPLATE: &str = include_str!("report.typ");

/// Why there is no PDF.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReportError {
    /// The document could not be handed to the layout.
    #[error("cannot hand the report to the layout")]
    Json(#[from] serde_json::Error),
    /// The layout refused the report.
    #[error("cannot lay the report out: {0}")]
    Layout(String),
}

/// The report as PDF. The same snapshot gives the same bytes.
///
/// # Errors
/// [`ReportError::Layout`] if typst cannot lay it out.
pub fn pdf(snapshot: &Snapshot) -> Result<Vec<u8>, ReportError> {
    let mut document = compose(snapshot);
    fit(&mut document);
    let world = Closed::new(&document)?;
    let laid_out = typst::compile::<PagedDocument>(&world);
    let pages = laid_out.output.map_err(|errors| refused(&errors))?;
    let options = PdfOptions {
        ident: Smart::Custom(format!("{}:{}", snapshot.head.seq, snapshot.head.hash)),
        creator: Smart::Custom(Some(snapshot.tool.clone())),
        timestamp: stated(snapshot.at).map(Timestamp::new_utc),
        ..PdfOptions::default()
    };
    let bytes = typst_pdf::pdf(&pages, &options).map_err(|errors| refused(&errors))?;
    // Typst keeps what it computed for the next edit; a report is made once.
    typst::comemo::evict(0);
    Ok(bytes)
}

fn stated(at: i64) -> Option<Datetime> {
    let (year, month, day, hour, minute, second) = format::calendar(at);
    Datetime::from_ymd_hms(year, month, day, hour, minute, second)
}

fn refused(errors: &[SourceDiagnostic]) -> ReportError {
    let messages: Vec<&str> = errors.iter().map(|error| error.message.as_str()).collect();
    ReportError::Layout(messages.join("; "))
}

/// The fonts that every report is set in.
static FONTS: LazyLock<Vec<Font>> =
    LazyLock::new(|| typst_assets::fonts().flat_map(|file| Font::iter(Bytes::new(file))).collect());

/// Everything that the layout can see.
struct Closed {
    library: LazyHash<Library>,
    book: LazyHash<FontBook>,
    template: Source,
    document: (FileId, Bytes),
}

impl Closed {
    fn new(document: &Document) -> Result<Self, ReportError> {
        let id = |name: &str| {
            let path = VirtualPath::new(name).map_err(|_| ReportError::Layout(name.to_owned()))?;
            Ok::<_, ReportError>(RootedPath::new(VirtualRoot::Project, path).intern())
        };
        Ok(Self {
            library: LazyHash::new(Library::default()),
            book: LazyHash::new(FontBook::from_fonts(FONTS.iter())),
            template: Source::new(id("report.typ")?, TEMPLATE.to_owned()),
            document: (id("report.json")?, Bytes::new(serde_json::to_vec(document)?)),
        })
    }
}

impl World for Closed {
    fn library(&self) -> &LazyHash<Library> {
        &self.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &self.book
    }

    fn main(&self) -> FileId {
        self.template.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == self.template.id() {
            Ok(self.template.clone())
        } else {
            Err(FileError::AccessDenied)
        }
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        if id == self.document.0 {
            Ok(self.document.1.clone())
        } else {
            Err(FileError::AccessDenied)
        }
    }

    fn font(&self, index: usize) -> Option<Font> {
        FONTS.get(index).cloned()
    }

    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        None
    }
}

/// Makes every text fit the page: a character that no font has is named, since paper would show an empty box,
/// and a long word may be broken.
fn fit(document: &mut Document) {
    let Document { marking, title, subtitle, foot, facts, sections } = document;
    for text in [marking, title, subtitle, foot] {
        fit_text(text);
    }
    facts.iter_mut().for_each(|fact| fit_text(&mut fact.value));
    for section in sections {
        fit_text(&mut section.title);
        section.blocks.iter_mut().for_each(fit_block);
    }
}

fn fit_block(block: &mut Block) {
    match block {
        Block::Heading { text }
        | Block::Paragraph { text }
        | Block::Remark { text }
        | Block::Callout { text } => fit_text(text),
        Block::Facts { facts } => facts.iter_mut().for_each(|fact| fit_text(&mut fact.value)),
        Block::Table { rows, .. } => {
            for row in rows {
                row.cells.iter_mut().chain(&mut row.details).for_each(fit_text);
            }
        }
        Block::Meters { meters } => meters.iter_mut().for_each(|meter| fit_text(&mut meter.text)),
        Block::Verbatim { lines } => lines.iter_mut().for_each(|line| fit_text(&mut line.text)),
        Block::Timeline { .. } => {}
    }
}

fn fit_text(text: &mut Text) {
    let mut fitted = Text::default();
    for Span { style, text } in text.0.drain(..) {
        let mut run = String::new();
        for character in text.chars() {
            if printable(character) {
                run.push(character);
            } else {
                fitted.push(style, breakable(style, &std::mem::take(&mut run)));
                fitted.push(Style::Unseen, crate::text::name(character));
            }
        }
        fitted.push(style, breakable(style, &run));
    }
    *text = fitted;
}

fn printable(character: char) -> bool {
    let covers = |font: &Font| font.info().coverage.contains(character.into());
    character.is_ascii() || FONTS.iter().any(covers)
}

/// Letters after which a long word may be broken.
const LONG: usize = 12;

/// The text with an invisible place to break in every long word, but in hashes, which a reader copies.
fn breakable(style: Style, text: &str) -> String {
    if style == Style::Digest {
        return text.to_owned();
    }
    let mut broken = String::with_capacity(text.len());
    let mut unbroken = 0;
    for character in text.chars() {
        broken.push(character);
        unbroken = if character == ' ' { 0 } else { unbroken + 1 };
        let seam = matches!(character, '/' | '_' | '.' | ':' | '?' | '&' | '=' | ',' | '-' | '%');
        if unbroken >= LONG && seam || unbroken >= 3 * LONG {
            broken.push('\u{200b}');
            unbroken = 0;
        }
    }
    broken
}

#[cfg(test)]
mod tests;
