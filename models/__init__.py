"""Tables with their own rules, and the queries on them."""
