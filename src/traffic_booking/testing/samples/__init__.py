"""Made-up people, a movable clock, and sample data for tests of adapters and hosts."""
