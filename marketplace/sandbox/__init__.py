"""The platform's own workspace, in which versions are evaluated and visitors try samples. Nothing of any customer is in it."""
