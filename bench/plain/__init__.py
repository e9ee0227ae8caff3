"""The baseline of the API: a plain Django with one DRF list of runs."""
