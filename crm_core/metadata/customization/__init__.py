"""What a customizer may change without programming, and how it takes effect (PLT-1 to PLT-11)."""
