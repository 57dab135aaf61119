"""The tools of agents: SQL, document search, HTTP, arithmetic, MCP."""
