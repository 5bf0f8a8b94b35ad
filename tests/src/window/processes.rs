//! Programs that end together, however the one that started them ends.

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long the ends of killed processes are waited for.
const ENDING: Duration = Duration::from_secs(10);

/// A process group. Its keeper waits for the end of its input and then kills the group: when the value is
/// dropped, and as well when this process is gone before it could drop anything.
pub(super) struct Group {
    keeper: Child,
    members: Vec<Child>,
}

impl Group {
    pub(super) fn new() -> Group {
        let keeper = Command::new("sh")
            .args(["-c", "read -r end; kill -KILL 0"])
            .process_group(0)
            .stdin(Stdio::piped())
            .spawn()
            .expect("sh starts");
        Group { keeper, members: Vec::new() }
    }

    /// Starts a program that lives as long as the group.
    pub(super) fn start(&mut self, command: &mut Command) -> &mut Child {
        let member = command.process_group(self.number()).stdin(Stdio::null()).spawn();
        let member = member.unwrap_or_else(|error| {
            panic!(
                "{} does not start ({error}): run scripts/setup.sh",
                command.get_program().display()
            )
        });
        self.members.push(member);
        self.members.last_mut().expect("one was put in")
    }

    /// Starts a program, and gives the first line that it prints.
    pub(super) fn start_and_hear(&mut self, command: &mut Command) -> String {
        let child = self.start(command.stdout(Stdio::piped()));
        // The pipe stays with the child: it must not be closed while it may still be written to.
        let output = child.stdout.as_mut().expect("its output was asked for");
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line).expect("a pipe can be read");
        assert!(line.ends_with('\n'), "{} ended at once", command.get_program().display());
        line.trim_end().to_owned()
    }

    fn number(&self) -> i32 {
        i32::try_from(self.keeper.id()).expect("process numbers are small")
    }

    /// Whether a process of the group runs: the programs that its members started belong to it too.
    fn lives(&self) -> bool {
        let number = self.number().to_string();
        let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
        processes.map(|process| process.path()).any(|process| {
            let stat = fs::read_to_string(process.join("stat")).unwrap_or_default();
            // `number (name) state parent group …`, and a name may hold anything.
            let mut fields = stat.rsplit(") ").next().unwrap_or_default().split(' ');
            let dead = fields.next() == Some("Z");
            // The first thread of a killed process is dead before the others, which still have its files open.
            let threads = || fs::read_dir(process.join("task")).into_iter().flatten().count();
            fields.nth(1) == Some(&number) && (!dead || threads() > 1)
        })
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        let _ = self.keeper.wait();
        for member in &mut self.members {
            let _ = member.wait();
        }
        // The window is nobody's child here; only when it is gone is the lock of its case free.
        let begun = Instant::now();
        while self.lives() && begun.elapsed() < ENDING {
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}
