"""`nmt prepare`: corpora cleaned and tokenized once, into a folder that training reads as it goes."""
