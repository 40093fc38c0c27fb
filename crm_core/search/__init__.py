"""Finding records: saved views and global search (PLT-45)."""
