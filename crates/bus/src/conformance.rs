//! What every bus must do: one suite, run over each.
