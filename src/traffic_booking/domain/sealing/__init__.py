"""The sealed log: a Merkle tree over the store's log, its tiles, proofs and signed checkpoints."""
