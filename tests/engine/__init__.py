"""Tests of the engine, by domain. `conftest.py` has both databases; each test that asks for one runs on both."""
