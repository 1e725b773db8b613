"""Films to ask about, and the tasks that need what they show or say: one file a site."""
