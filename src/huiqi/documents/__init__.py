"""In writing: notices to enterprises and persons; letters come later."""
