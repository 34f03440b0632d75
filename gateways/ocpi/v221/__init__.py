"""OCPI 2.2.1: what its messages look like and what they mean to the contract."""

VERSION = "2.2.1"
