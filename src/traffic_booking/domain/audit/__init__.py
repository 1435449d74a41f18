"""Audits: invariants, explanations, limits, retention, the feed, differences between rulebooks."""
