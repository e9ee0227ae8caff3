"""Conversations with a crew inside a scenario, turn by turn. A turn is a run; scenes and attempts of a role-play have their room later."""
