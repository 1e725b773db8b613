"""MGDM (Song et al., 2025, arXiv 2412.09082): a navigator with several memories."""
