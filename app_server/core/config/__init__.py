"""Configuration: layers of TOML, one resolved `Config`, and precise errors."""
