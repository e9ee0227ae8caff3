"""CrewAI's agents.yaml and tasks.yaml, read and written. No CrewAI and no Django in here."""
