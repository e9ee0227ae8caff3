"""The protocol over Redis Streams: agents of any number of workers."""
