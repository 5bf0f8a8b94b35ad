//! Lays DuckDB's shared library beside the binaries of this build, where their run path looks for it.

use std::path::Path;
use std::{env, fs, io};

fn main() -> io::Result<()> {
    println!("cargo:rerun-if-env-changed=DUCKDB_LIB_DIR");
    let (Some(folder), Some(out)) = (env::var_os("DUCKDB_LIB_DIR"), env::var_os("OUT_DIR")) else {
        return Ok(());
    };
    // OUT_DIR is <profile>/build/<package>/out.
    let Some(profile) = Path::new(&out).ancestors().nth(3) else { return Ok(()) };
    for name in ["libduckdb.so", "libduckdb.dylib", "duckdb.dll"] {
        let library = Path::new(&folder).join(name);
        if library.is_file() {
            println!("cargo:rerun-if-changed={}", library.display());
            let beside = profile.join(name);
            let _ = fs::remove_file(&beside);
            fs::hard_link(&library, &beside).or_else(|_| fs::copy(&library, &beside).map(drop))?;
        }
    }
    Ok(())
}
