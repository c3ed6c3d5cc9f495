"""The weightings that the project ships, one file each."""
