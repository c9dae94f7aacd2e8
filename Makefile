PYTHON ?= python3
BIN := .venv/bin
# One stamp for the environment: made anew when the metadata or the pins change.
ENV := .venv/.ready

.PHONY: help demo test test-distributed check gate corpus-check bench-quick notebooks

help:  ## show this help
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 16

$(ENV): pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt torch
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev,benchmarks]'
	@touch $(ENV)

demo: $(ENV)  ## classify the example thread with the model in the package
	$(BIN)/stance classify examples/harbour-libraries.txt

test: $(ENV) check  ## everything CI runs: style, types, tests, the quality gate
	$(BIN)/python -m pytest
	$(BIN)/python -m benchmarks.gate

test-distributed: $(ENV)  ## on Ray and Spark, half a gigabyte of downloads and a Java to run (17 or later)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[ray,spark]'
	$(BIN)/python -m pytest tests/test_distributed_rows.py tests/test_distributed_ray.py tests/test_distributed_spark.py

check: $(ENV)  ## style and types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

gate: $(ENV)  ## the shipped model against its quality floors
	$(BIN)/python -m benchmarks.gate

corpus-check: $(ENV)  ## the corpus against its datasheet: counts, balance, near-duplicates, agreement
	$(BIN)/python -m benchmarks.corpus_check

bench-quick: $(ENV)  ## how fast the model reads comments on this machine, in under three minutes
	$(BIN)/python -m benchmarks.speed --quick

notebooks: $(ENV)  ## run the notebooks from start to end and keep what they show
	$(BIN)/python -m notebooks.execute
