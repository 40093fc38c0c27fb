"""Records and the options of their choice fields: who holds which, and what happens when an option is deleted (PLT-4)."""
