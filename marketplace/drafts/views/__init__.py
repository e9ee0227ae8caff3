"""The pages of publishing. All of them work without JavaScript."""
