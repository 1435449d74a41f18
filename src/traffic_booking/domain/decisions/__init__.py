"""Decisions: from facts and a command to one change, by every rule in force. Pure; `now` is an argument."""
