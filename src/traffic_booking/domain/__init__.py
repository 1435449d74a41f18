"""The domain: pure values, rules and decisions; no I/O, no clock, no randomness."""
