"""Pages saved as HTML, one module a platform."""
