"""Desks, callers and a faulty store, run turn by turn from one seed."""
