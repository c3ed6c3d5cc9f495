"""Plumbline: the numerical engine of the warehouse, and the warehouse file itself."""
