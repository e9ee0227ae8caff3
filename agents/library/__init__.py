"""Agents as classes: each file of this folder holds one; `frame/` is what they are made of, and how they are found.

Pure Python: no Django, no CrewAI. An agent reaches models and tools only through the desk that a run gives it.
"""
