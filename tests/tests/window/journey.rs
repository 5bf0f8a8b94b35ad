//! The analyst's way, by mouse.

use tests::cli::folder;
use tests::window::Window;

#[test]
fn without_a_case_the_window_says_where_to_begin() {
    let window = Window::open(&[], &folder("start"));
    window.wait_for("[data-test=start]");
}
