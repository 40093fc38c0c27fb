"""Import and export of any object, from and to files (PLT-45)."""
