"""Tests of the engine, by domain. One that asks for a database runs on both; see `conftest.py`."""
