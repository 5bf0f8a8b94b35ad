//! A screen and a session bus of their own: windows that share them fight for the keyboard's focus.

use super::processes::Group;
use std::path::Path;
use std::process::{Command, Stdio};

/// Larger than every window that is looked at.
const SCREEN: &str = "1920x1200x24";

pub(super) struct Display {
    screen: String,
    bus: String,
}

impl Display {
    pub(super) fn start(group: &mut Group) -> Display {
        let mut screen = Command::new("Xvfb");
        screen.args(["-displayfd", "1", "-screen", "0", SCREEN, "-nolisten", "tcp"]);
        let screen = format!(":{}", group.start_and_hear(screen.stderr(Stdio::null())));
        let mut bus = Command::new("dbus-daemon");
        bus.args(["--session", "--nofork", "--print-address=1"]);
        let bus = group.start_and_hear(bus.stderr(Stdio::null()));
        Display { screen, bus }
    }

    /// Makes a program show itself here, and keep what it keeps below `home`.
    pub(super) fn lend(&self, command: &mut Command, home: &Path) {
        command
            .env("DISPLAY", &self.screen)
            .env("DBUS_SESSION_BUS_ADDRESS", &self.bus)
            .env("XDG_CONFIG_HOME", home.join("config"))
            .env("XDG_DATA_HOME", home.join("data"))
            .env("XDG_CACHE_HOME", home.join("cache"))
            .env("GSETTINGS_BACKEND", "memory")
            .env("NO_AT_BRIDGE", "1")
            .env_remove("WAYLAND_DISPLAY");
    }
}
