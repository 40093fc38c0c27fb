"""Solutions: named packages of definitions that travel between workspaces (PLT-12)."""
