"""The parts of Explore: filters, the grid, the table, one clip from inside, balance, health."""
