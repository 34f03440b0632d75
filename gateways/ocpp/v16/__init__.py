"""OCPP 1.6-J, edition 2 with the errata and the security white paper.

One action is one file; `routes` lists them.
"""
