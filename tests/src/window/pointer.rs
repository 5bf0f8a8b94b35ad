//! What a hand does with a mouse. Places are in CSS pixels of the page.

use serde_json::{Value, json};

pub(super) type Point = (f64, f64);

/// Steps between the ends of a drag: a hand does not jump.
const STEPS: u32 = 12;

pub(super) fn clicks(at: Point, times: usize) -> Value {
    let click = || [button("pointerDown"), button("pointerUp")];
    device([to(at)].into_iter().chain((0..times).flat_map(|_| click())).collect())
}

pub(super) fn over(at: Point) -> Value {
    device(vec![to(at)])
}

pub(super) fn drag(from: Point, until: Point) -> Value {
    let steps = (1..=STEPS).map(|step| {
        let share = f64::from(step) / f64::from(STEPS);
        to((from.0 + (until.0 - from.0) * share, from.1 + (until.1 - from.1) * share))
    });
    let moves: Vec<Value> = steps.collect();
    device([vec![to(from), button("pointerDown")], moves, vec![button("pointerUp")]].concat())
}

/// Turns the wheel: downward where `by` is positive.
pub(super) fn wheel(at: Point, by: i32) -> Value {
    let (x, y) = (at.0.round(), at.1.round());
    let scroll = json!({
        "type": "scroll", "x": x as i64, "y": y as i64, "deltaX": 0, "deltaY": by, "duration": 0,
    });
    json!({ "type": "wheel", "id": "wheel", "actions": [scroll] })
}

fn device(actions: Vec<Value>) -> Value {
    let kind = json!({ "pointerType": "mouse" });
    json!({ "type": "pointer", "id": "mouse", "parameters": kind, "actions": actions })
}

fn to(at: Point) -> Value {
    // The driver takes whole pixels only.
    let (x, y) = (at.0.round() as i64, at.1.round() as i64);
    json!({ "type": "pointerMove", "x": x, "y": y, "duration": 0 })
}

fn button(act: &str) -> Value {
    json!({ "type": act, "button": 0 })
}
