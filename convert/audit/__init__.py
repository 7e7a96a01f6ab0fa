"""What reports say side by side: fronts, budgets, charts, pages. No model is run here."""
