"""What the desk does, over stores whose methods are awaited: made from the modules of the same names."""
