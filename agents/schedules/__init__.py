"""Running a crew at set times."""
