"""The engine: owns sessions, tokens and settlement. See README.md in this folder for the map and
the words."""
