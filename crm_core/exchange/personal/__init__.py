"""What is held on one person: handing it out and erasing it (CUS-15.8)."""
