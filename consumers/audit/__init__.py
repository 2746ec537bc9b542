"""The audit log as evidence: its Merkle tree, its signed checkpoints, and whether every entry is what it claims."""
