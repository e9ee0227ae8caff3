from tests.branching.conftest import api, db, model, parent, relay

__all__ = ["api", "db", "model", "parent", "relay"]
