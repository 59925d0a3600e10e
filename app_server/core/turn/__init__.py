"""One turn: from the user's input to exactly one terminal event."""
