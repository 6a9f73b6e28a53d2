//! Memory of a server that was started and left alone.

use super::Bench;
use crate::Result;
use crate::place::Engine;
use crate::table::{Finding, Spread, Target};

pub(super) fn measure(bench: &Bench, engine: &Engine) -> Result<Vec<Finding>> {
    let mut resident = Vec::new();
    let mut peaks = Vec::new();
    for round in 1..=bench.scale.rounds {
        let place = bench.place(engine)?;
        let server = bench.start(&place)?;
        std::thread::sleep(bench.scale.rest);
        let memory = server.memory()?;
        eprintln!(
            "idle, {}, round {round}: {:.1} MB",
            engine.name(),
            memory.resident
        );
        resident.push(memory.resident);
        peaks.push(memory.peak);
        server.stop()?;
    }
    Ok(vec![Finding {
        what: "resident memory, idle".to_owned(),
        engine: engine.name(),
        value: Spread::of(&resident),
        unit: "MB",
        target: Some(Target::AtMost(60.0)),
        behind: format!(
            "{:.1} MB at most while starting",
            Spread::of(&peaks).greatest
        ),
    }])
}
