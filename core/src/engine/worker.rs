//! Does slow arithmetic in place: what every host without hardware of its own uses.
