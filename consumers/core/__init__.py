"""Pure decisions: what an event means, given what is known. No I/O, no clock, no randomness."""
