"""Videos with known content, and tasks that need what they show or say: a file for each site."""
