"""Agents, tasks and crews for programs, their versions, and starting runs of them."""
