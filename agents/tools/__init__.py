"""What agents can do besides talking: the tools of this house, those of MCP servers, and the rules under which they are used."""
