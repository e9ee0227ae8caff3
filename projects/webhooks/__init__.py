"""Telling other systems what happened here: signed, tried again, and kept in a log (Standard Webhooks 1.0)."""
