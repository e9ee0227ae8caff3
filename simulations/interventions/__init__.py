"""Taking part in a play from outside: change it, speak to its agents, sit down in an agent's place."""
