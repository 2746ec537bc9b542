"""Tests, by cost: unit (no I/O), contract (one suite a port), integration (real servers), e2e (the command line)."""
