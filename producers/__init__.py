"""A city's side: read a catalogue, capture changes, keep the register with its outbox, seal, relay, and read receipts."""
