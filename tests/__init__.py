"""Tests, and the demo; `tests` is a package so that no folder in it shadows what it tests."""
