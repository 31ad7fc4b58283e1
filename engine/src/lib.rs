//! Nothing of our own: the crate exists so that cargo builds wasmtime's C API into one static archive with the
//! features and the versions that Cargo.lock fixes.  The re-export keeps the C symbols in the archive.
pub use wasmtime_c_api::*;
