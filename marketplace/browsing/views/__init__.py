"""The market's pages. All of them work without JavaScript, and their whole state is in the address."""
