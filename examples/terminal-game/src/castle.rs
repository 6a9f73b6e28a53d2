//! The game itself, which knows nothing of Sillage.

/// Three by three rooms; the treasure lies in the last.
pub(crate) struct Castle {
    column: usize,
    row: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Move {
    North,
    South,
    East,
    West,
    Quit,
}

const ROOMS: [[&str; 3]; 3] = [
    ["A gate.", "A stable.", "A well."],
    ["A kitchen.", "A hall full of echoes.", "A staircase."],
    [
        "A cellar.",
        "A wall with a draught.",
        "A chest. It is full of gold!",
    ],
];

impl Move {
    pub(crate) fn read(typed: &str) -> Option<Self> {
        Some(match typed.trim().to_lowercase().as_str() {
            "north" | "n" => Self::North,
            "south" | "s" => Self::South,
            "east" | "e" => Self::East,
            "west" | "w" => Self::West,
            "quit" | "q" => Self::Quit,
            _ => return None,
        })
    }
}

impl Castle {
    pub(crate) fn new() -> Self {
        Self { column: 0, row: 0 }
    }

    pub(crate) fn place(&self) -> (usize, usize) {
        (self.column, self.row)
    }

    /// Whether there was no wall.
    pub(crate) fn go(&mut self, direction: Move) -> bool {
        let before = self.place();
        match direction {
            Move::North => self.row = self.row.saturating_sub(1),
            Move::South => self.row = (self.row + 1).min(2),
            Move::West => self.column = self.column.saturating_sub(1),
            Move::East => self.column = (self.column + 1).min(2),
            Move::Quit => {}
        }
        self.place() != before
    }

    pub(crate) fn view(&self) -> &'static str {
        ROOMS[self.row][self.column]
    }

    pub(crate) fn is_won(&self) -> bool {
        self.place() == (2, 2)
    }
}
