"""Pages of scenarios and their plays."""
