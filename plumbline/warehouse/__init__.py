"""The warehouse file: where it lies, how it is opened, locked, hashed and published."""
