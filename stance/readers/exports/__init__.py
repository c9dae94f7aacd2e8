"""Exports, API files and tables, one module a format."""
