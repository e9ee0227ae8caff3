"""How a workspace reaches models: its own chain of providers. Credentials are sealed by `tenants.sealing`, which stands below every app."""
