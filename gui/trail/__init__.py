"""What the Audit trail page shows: asked from the sidecar, never read from a file."""
