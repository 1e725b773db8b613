"""NavGen: houses, and the long-horizon navigation tasks that are set in them."""
