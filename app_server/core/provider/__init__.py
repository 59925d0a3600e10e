"""Model providers: one interface (`base`), and a module for each way to reach a model."""
