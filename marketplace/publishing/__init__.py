"""How something comes onto the market, and how its publisher changes or ends the offer."""
