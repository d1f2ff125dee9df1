"""How the back office is run for real: examples for operators, and the proof that a lost machine loses nothing."""
