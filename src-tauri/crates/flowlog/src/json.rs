//! JSON documents of any length, an element at a time.
//!
//! A [`Splitter`](splitter::Splitter) finds the elements, with the strict [`Scanner`](scanner::Scanner), so that a
//! broken one is noticed where it breaks and not at the end of the file; `serde_json` reads each.

pub(crate) mod elements;
pub(crate) mod scanner;
pub(crate) mod splitter;
#[cfg(test)]
mod tests;
pub(crate) mod value;
