//! Tables of transitions in the docs of modules, and diagrams of them.

use std::collections::BTreeMap;
use std::fmt::Write as _;

/// A table: states down, events across.
pub struct Table {
    pub events: Vec<String>,
    pub rows: Vec<Row>,
}

/// What becomes of a state by each event.
pub struct Row {
    pub state: String,
    pub cells: Vec<String>,
}

impl Table {
    /// The table under the heading of a machine.
    pub fn of(docs: &str, name: &str) -> Self {
        let heading = format!("//! ## Machine: {name}");
        let mut lines = docs.lines().skip_while(|line| *line != heading);
        assert!(lines.next().is_some(), "no machine of the name {name}");
        let mut rows = lines
            .skip_while(|line| !line.starts_with("//! |"))
            .take_while(|line| line.starts_with("//! |"))
            .map(|line| {
                let cells = line
                    .trim_start_matches("//! |")
                    .trim_end_matches('|')
                    .split('|');
                cells.map(|cell| cell.trim().to_owned()).collect::<Vec<_>>()
            });
        let events = rows.next().expect("a head").split_off(1);
        let rows: Vec<Row> = rows
            .skip(1)
            .map(|mut row| {
                let cells = row.split_off(1);
                assert_eq!(cells.len(), events.len(), "{name}: {}", row[0]);
                Row {
                    state: row.remove(0),
                    cells,
                }
            })
            .collect();
        assert!(rows.len() > 1, "{name} has no rows");
        Self { events, rows }
    }

    /// The machine as a Mermaid diagram.
    pub fn diagram(&self, name: &str) -> String {
        let mut states: Vec<&str> = self.rows.iter().map(|row| row.state.as_str()).collect();
        let cells = self
            .rows
            .iter()
            .flat_map(|row| &row.cells)
            .map(String::as_str);
        for cell in cells.filter(|cell| *cell != "-") {
            if !states.contains(&cell) {
                states.push(cell);
            }
        }
        let id = |state: &str| {
            states
                .iter()
                .position(|it| *it == state)
                .map_or(0, |at| at + 1)
        };
        let mut text = format!("\n## {name}\n\n```mermaid\nstateDiagram-v2\n");
        for state in &states {
            let _ = writeln!(text, "    s{}: {state}", id(state));
        }
        for row in &self.rows {
            let mut edges: BTreeMap<usize, Vec<&str>> = BTreeMap::new();
            for (event, cell) in self.events.iter().zip(&row.cells) {
                if cell != "-" {
                    edges.entry(id(cell)).or_default().push(event);
                }
            }
            for (to, events) in edges {
                let _ = writeln!(
                    text,
                    "    s{} --> s{to}: {}",
                    id(&row.state),
                    events.join(", ")
                );
            }
        }
        text.push_str("```\n");
        text
    }
}
