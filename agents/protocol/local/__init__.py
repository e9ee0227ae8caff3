"""The protocol inside one event loop: what one run on one worker needs."""
