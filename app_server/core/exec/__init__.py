"""Running commands: processes, their bounded output, and what a shell line means."""
