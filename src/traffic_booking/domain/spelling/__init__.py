"""How words are written: plain letters, and spellings that are alike."""
