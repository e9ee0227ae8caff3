"""Pages about one run beside its story: when things happened, every line, what it cost, what came out."""
