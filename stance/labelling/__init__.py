"""Labels that people give: the sheet they fill in, how far two of them agree, and which labels deserve a second look.

``sheet`` is the noun; ``files`` and ``page`` write it as a table and as a page in the browser; ``guide`` is what a
labeller reads first; ``agreement`` and ``issues`` look at labels that are there.
"""
