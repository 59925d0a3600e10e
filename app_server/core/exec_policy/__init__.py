"""What the user's rules say of a command: rule files, how a command is held against them, and rules that answers add."""
