"""Transports move lines of bytes. They never see a method or a model."""
