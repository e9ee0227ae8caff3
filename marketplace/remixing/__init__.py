"""Making something of one's own from a listing: an editable copy that knows where it came from."""
