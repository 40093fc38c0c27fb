"""Lists as files: CSV and XLSX that are safe to open and can be imported again (PLT-45.3)."""
