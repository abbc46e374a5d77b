"""What goes beyond the core: each folder is one feature, a Flask blueprint with all that belongs to it.

A feature imports the core, and no other feature. The core imports no feature; app.py names them.
"""
