"""The ways out of the engine: to the workspace's models, to crews, to answers that were paid for, to people."""
