"""Tools of MCP servers: what a server offers is looked at when an admin asks for it, kept, and called when an agent uses it."""
