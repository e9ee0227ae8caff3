"""What a play has left, read for people and programs: agents at a step, decisions, tables."""
