"""How a network talks: each module translates between one network and our messages, and does nothing else."""
