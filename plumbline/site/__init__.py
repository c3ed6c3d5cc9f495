"""The research site: static pages from the content in `site/` and the published warehouse."""
