"""What is known about models: the catalogue, its look-up rules, and the instructions that belong to a model."""
