"""The costs that the project ships, one file each."""
