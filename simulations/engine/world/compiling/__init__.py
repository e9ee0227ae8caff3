"""From a scenario as it is written to what the world is made of; nothing here depends on parameters or chance."""
