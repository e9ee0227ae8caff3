"""What is installed, for programs: `installations/` of a workspace."""
