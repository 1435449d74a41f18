"""Searches: what is searched for, and the free slots that answer it, in order."""
