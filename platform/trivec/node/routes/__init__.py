"""The endpoints of the node, a file per family; `table.py` lists them all."""
