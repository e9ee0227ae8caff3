"""Pictures that a run is shown: looked at by their bytes, freed of what they tell besides, and kept beside the run."""
