"""Taking over what people have set up for another agent: settings, servers, hooks, skills, commands, sub-agents, instructions."""
