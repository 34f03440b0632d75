"""Tests of the engine, by domain. A test that asks for a database runs on both; see `conftest.py`."""
