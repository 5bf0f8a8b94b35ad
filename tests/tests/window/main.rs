//! The real window under a screen of its own, driven by mouse and keys.

mod captures;
mod journey;
mod keyboard;
mod loading;
mod robust;
mod sources;
mod steps;
