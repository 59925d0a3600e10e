"""Who is logged in at the provider: what is stored about it, and the tokens that requests carry."""
