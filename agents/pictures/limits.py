"""How many pictures a run is shown, and how large a file each may be."""

MOST = 4
MOST_BYTES = 5 * 1024**2
