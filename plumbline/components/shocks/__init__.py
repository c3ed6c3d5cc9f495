"""The shocks that the project ships, one file each."""
