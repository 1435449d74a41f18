"""The command that prints the tickets of a day: its files, and its progress on a terminal."""
