"""What every chat shares, over surfaces in memory."""
