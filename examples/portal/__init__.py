"""A reference portal for traffic appointments: a model, not an official service. README.md has its map."""
