"""Scripts that train the models this repository ships."""
