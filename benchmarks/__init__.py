"""Scripts that make the shipped model and measure it. Each ends in a JSON file under ``results/``."""
