"""The gate of a branch: a ticket is scanned, and one answer comes back; with the store or without."""
