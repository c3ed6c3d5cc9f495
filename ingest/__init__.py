"""How daily bars get in: source → immutable landing files → schema ``raw`` of the warehouse."""
