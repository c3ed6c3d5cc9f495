"""The strategies that the project ships, one file each."""
