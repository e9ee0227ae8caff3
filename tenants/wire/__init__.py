"""JSON on its way in and out of the API."""
