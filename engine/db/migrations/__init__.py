"""How the schema came to be: one file a change, in `versions/`, applied by `engine.db.migrate`.

A file that was released is never edited; a change is a new file, made by `python -m
engine.db.migrations.new "Add the hash of a CDR"` and read before it is committed. It must be
expressible as SQL text, without looking at rows from Python: that is how it is run.
"""
