"""How a caller proves who they are: session, access token, API key, ticket."""
