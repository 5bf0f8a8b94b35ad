//! S3 objects to files on disk, with a record of how each one came.
//!
//! This is the only part of the program that uses the network, and it does so only when asked to: it
//! talks to the one endpoint that [`Options`] names, and to the token service where the user's own AWS
//! profile assumes a role. The program is synchronous; async begins and ends inside [`Connection`].
//!
//! In reading order: a [`Location`] says which objects are meant, a [`Connection`] lists and fetches
//! them, [`relative_path`] says where a key lands below the folder chosen, [`Acquired`] is the record.

mod connection;
mod error;
mod fetching;
mod listing;
mod location;
mod path;

pub use connection::{Connection, Options};
pub use error::AcquireError;
pub use fetching::Acquired;
pub use listing::Object;
pub use location::{Location, ParseLocationError};
pub use path::relative_path;

#[cfg(test)]
mod tests;
