"""Runs that go off from others: from any task, with changes; their family; and two of them side by side."""
