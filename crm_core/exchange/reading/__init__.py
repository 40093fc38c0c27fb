"""Files as tables of text: whatever arrives is recognised by its content, read in bounded memory or refused with a reason."""
