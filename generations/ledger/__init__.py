"""Money: holds, charges, releases and budgets, by double entry."""
