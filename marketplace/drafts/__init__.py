"""Publishing from a workspace in six tasks, saved one by one; and the same in one call for programs."""
