//! Who acts, on which machine, with which build of the program.

use serde::{Deserialize, Serialize};

/// The part of a journal entry that says who made it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Author {
    /// What the examiner says of himself; nothing checks it.
    pub who: String,
    /// The operating system's name of the user that the program ran as.
    pub os_user: String,
    /// Name of the machine.
    pub host: String,
    /// Version and commit of the program, for example `1.0.0 (a1b2c3d)`.
    pub build: String,
}

impl Author {
    /// The author of what this process does, with user and machine as the system names them;
    /// `unknown` where it does not.
    pub fn of_this_process(who: impl Into<String>, build: impl Into<String>) -> Self {
        Self { who: who.into(), os_user: os_user(), host: host(), build: build.into() }
    }
}

fn first_variable(names: &[&str]) -> String {
    let named = names.iter().filter_map(|name| std::env::var(name).ok());
    named.into_iter().find(|value| !value.is_empty()).unwrap_or_else(|| "unknown".to_owned())
}

pub(crate) fn host() -> String {
    let kernel = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    match kernel.trim() {
        "" => first_variable(&["HOSTNAME", "COMPUTERNAME"]),
        name => name.to_owned(),
    }
}

/// The owner of this process where Linux tells it, because an environment variable can say anything.
fn os_user() -> String {
    owner_of_process().unwrap_or_else(|| first_variable(&["USER", "LOGNAME", "USERNAME"]))
}

#[cfg(target_os = "linux")]
fn owner_of_process() -> Option<String> {
    use std::os::unix::fs::MetadataExt;
    let uid = std::fs::metadata("/proc/self").ok()?.uid().to_string();
    let accounts = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let name = accounts.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)? == uid).then(|| name.to_owned())
    });
    Some(name.unwrap_or_else(|| format!("uid {uid}")))
}

#[cfg(not(target_os = "linux"))]
fn owner_of_process() -> Option<String> {
    None
}
