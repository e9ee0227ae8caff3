"""What a run asks a person: asking and waiting on the worker's side, answering and deadlines on the people's side."""
