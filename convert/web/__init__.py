"""A real browser, its JavaScript packages and a local server: what web runtimes and apps share."""
