"""What the GUI and the sidecar agree on: names, wire, chain. Neither imports the other; both import this."""
