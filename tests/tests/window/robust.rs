//! What goes wrong around the window, and what it says then.
