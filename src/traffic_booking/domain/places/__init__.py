"""Places and what they offer: regions, governorates, branches, services."""
