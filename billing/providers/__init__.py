"""Who takes the money: one interface, two adapters; which one is in use is decided by settings alone."""
