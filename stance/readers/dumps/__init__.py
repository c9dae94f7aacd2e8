"""Text dumps: what people copy out of a browser, one module a platform."""
