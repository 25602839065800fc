"""What joins panels to the data behind them."""
