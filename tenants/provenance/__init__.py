"""What the house below must know of the market: which manifests are revoked, and what came of running them."""
