"""`sigap roads`: from a map to a road file, and looking at what is in it."""
