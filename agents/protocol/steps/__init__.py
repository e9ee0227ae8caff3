"""The bus by steps instead of a clock: the same messages, terms and receipts, in an order that is the same every time, and a state that can be kept."""
