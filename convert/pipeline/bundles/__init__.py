"""Hand bundles on and take them over: check, publish to a place, bring from one."""
