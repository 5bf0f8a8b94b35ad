//! What a file may cost. All of it is far above what any log needs.

/// The largest page, compressed or not. Writers make pages of 1 MiB. Unit: bytes.
pub(super) const LARGEST_PAGE: u64 = 64 << 20;
/// Rows that are decoded at once.
pub(super) const BATCH: usize = 1024;
/// Text of one column after which fewer rows are decoded at once. Unit: bytes.
pub(super) const BATCH_TEXT: usize = 64 << 10;
/// The largest row of nested columns. Unit: bytes.
pub(super) const LARGEST_ROW: usize = 16 << 20;
/// Pages and dictionaries that are in memory at once. Unit: bytes.
const MOST_HELD: usize = 512 << 20;
/// Before this nobody asks how much came out of how little. Unit: bytes, or values.
const RATIO_FLOOR: u64 = 1 << 30;
/// Inflated bytes, or values, for one byte of the file, that no honest log reaches.
const RATIO_CAP: u64 = 500;

/// What is left of that.
pub(super) struct Budget {
    inflated: u64,
    values: u64,
    held: usize,
}

impl Budget {
    /// For a file of this length.
    pub(super) fn new(file: u64) -> Self {
        let most = file.saturating_mul(RATIO_CAP).saturating_add(RATIO_FLOOR);
        Self { inflated: most, values: most, held: MOST_HELD }
    }

    /// Before a page becomes `length` bytes, of which nobody knows yet whether they are there.
    pub(super) fn inflate(&mut self, length: u64) -> Result<(), String> {
        let Some(left) = self.inflated.checked_sub(length) else {
            return Err(format!("more than {RATIO_CAP} bytes out of each byte of the file"));
        };
        self.inflated = left;
        Ok(())
    }

    /// Before that many values are read.
    pub(super) fn values(&mut self, rows: u64, columns: usize) -> Result<(), String> {
        let values = rows.checked_mul(columns as u64);
        let Some(left) = values.and_then(|values| self.values.checked_sub(values)) else {
            return Err(format!("more than {RATIO_CAP} values for each byte of the file"));
        };
        self.values = left;
        Ok(())
    }

    /// Before that many bytes are kept.
    pub(super) fn hold(&mut self, length: usize) -> Result<(), String> {
        let Some(left) = self.held.checked_sub(length) else {
            return Err(format!("pages of more than {MOST_HELD} bytes side by side"));
        };
        self.held = left;
        Ok(())
    }

    /// They are kept no longer.
    pub(super) fn release(&mut self, length: usize) {
        self.held = self.held.saturating_add(length).min(MOST_HELD);
    }

    /// Nothing is kept any longer.
    pub(super) fn release_all(&mut self) {
        self.held = MOST_HELD;
    }
}
