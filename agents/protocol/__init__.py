"""How agents talk: a message bus, a registry of who is there, and a context that they share.

Each has one interface and two implementations: `local` for one run in one event loop, `streams` for any number of workers over Redis.
A play's messages go over a third bus, `steps`, which knows no clock; what the buses share (terms, queues, routes, receipts) stands here.
Nothing here knows Django; whoever runs agents gives the bus a place for its history.
"""
