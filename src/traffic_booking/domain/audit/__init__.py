"""What an audit reads: invariants, explanations, limits, the feed, retention."""
