"""What `import core as carl` offers to notebooks: the commands as functions, and their results as pictures.

Each function does what the command of that name does, by the same code, with the same settings, defaults and errors.
Nothing here is imported before one of them is asked for.
"""
