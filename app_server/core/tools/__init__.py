"""The tools that a model may call. Each says what it wants to do before it does it; `core.approvals` decides."""
