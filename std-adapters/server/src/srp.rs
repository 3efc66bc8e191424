//! Where the sign-in page has WebAssembly from, which this server does not need.
//!
//! `wasm/srp/build` makes the npm package `userpool-srp`. It is served from the folder that `--srp` names, and without
//! one from `userpool-srp` beside the program: whoever can write there can change the program itself.

use std::path::Path;

use userpool_http::SrpPackage;

use crate::failure::Failure;

/// The package that the settings name, or that lies beside the program.
///
/// # Errors
/// The folder that was named holds no such package; the other may be missing, and not half there.
pub(crate) fn find(named: Option<&Path>) -> Result<Option<SrpPackage>, Failure> {
    let read = |folder: &Path| {
        let named = |cause| Failure::new(format!("srp: {}: {cause}", folder.display()));
        SrpPackage::from_folder(folder).map(Some).map_err(named)
    };
    match named {
        Some(folder) if folder.as_os_str() == "off" => Ok(None),
        Some(folder) => read(folder),
        None => match std::env::current_exe() {
            Ok(program) => {
                let beside = program.with_file_name("userpool-srp");
                if beside.is_dir() {
                    read(&beside)
                } else {
                    Ok(None)
                }
            }
            Err(_) => Ok(None),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_is_named_holds_the_package() {
        let folder = std::env::temp_dir().join(format!("userpool-srp-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let refused = find(Some(&folder)).err().unwrap().to_string();
        assert!(refused.contains("srp: "), "{refused}");
        for name in ["index.js", "exchange.js", "userpool_srp.wasm"] {
            std::fs::write(folder.join(name), name).unwrap();
        }
        assert!(find(Some(&folder)).unwrap().is_some());
        std::fs::remove_dir_all(&folder).unwrap();
        assert!(find(Some(Path::new("off"))).unwrap().is_none());
    }
}
