"""The handlers of the protocol's methods, one module per family, under the same names as in `protocol`."""
