"""Plain functions that score rankings, labels, forecasts and their differences."""
