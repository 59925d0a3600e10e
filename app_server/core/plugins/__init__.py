"""Plugins: folders that bring skills, MCP servers and hooks along, offered by marketplaces and installed as copies."""
