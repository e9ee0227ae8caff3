"""How a worker carries a run out: its models, its tools, its money and its record."""
