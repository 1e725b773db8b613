"""Four small sites to try web agents on, served on 127.0.0.1 under names of their own."""
