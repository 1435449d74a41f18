"""The demonstration: one appointment from the first look to the visit, on a real store."""
