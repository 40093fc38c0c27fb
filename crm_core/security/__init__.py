"""Who may do what: business units, teams, users, roles with privilege × depth, field rights and shares (PLT-40, PLT-41)."""
