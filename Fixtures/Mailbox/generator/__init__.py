"""What writes the sample mailbox. `generate.py` beside this folder is the command."""
