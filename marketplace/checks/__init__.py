"""What is looked at in every manifest before anybody may install it, and again whenever a rule changes.

`rules/` are plain functions over a `Subject`; they know no database. What they have to know of the rest of the market and of the
author's workspace is read beforehand into `Surroundings`. `running` puts both together and keeps what was found.
"""
