"""Stand-ins for the networks, over real HTTP on loopback and as strict as the real ones."""
