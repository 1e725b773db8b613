"""Tasks in a house: a template or a language model drafts them, and one validator checks them."""
