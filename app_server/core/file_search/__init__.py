"""Finding files by a few letters of their path: walking a tree, matching, and ranking what matches."""
