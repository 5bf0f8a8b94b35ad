//! The analyst's way, by keys alone.
