"""The prompt templates, a package so that they are found wherever the desk is installed."""
