"""The benchmarks that the project ships, one file each."""
