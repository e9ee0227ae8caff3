"""Running crews. `spec`, `checks`, `outcome` and `crew` are light; CrewAI itself loads on the first run."""
