"""A stand-in of Instagram that speaks its API, under both products that let a program in."""
