"""The allocators that the project ships, one file each."""
